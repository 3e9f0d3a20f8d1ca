"""Each fault at each point of a run: a temporary one has no effect, a permanent one is reported."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from singer import Clock, Output, Row, Younium, config_of, run
from stub import serving

from faults.tools import by_key, choose, only, record_lines, secrets_of
from simulator import Fault
from tap_younium.api.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("countries", "invoices", "invoice_attachments", "payment_terms")
"""Countries come first, then attachments, with one request for each invoice, and invoices."""
PLACES: dict[str, dict[str, Any]] = {
    "token": {"path": "/auth/token"},
    "first page": {"path": "/Invoices", "page": 1},
    "middle page": {"path": "/Invoices", "page": 2},
    "last page": {"path": "/Invoices", "page": "last"},
    "per parent": {"path": "/Invoices/*/Attachments", "skip": 5},
}
"""Where a fault occurs; the tap requests three pages of invoices and twelve of attachments."""


def in_future(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


TEMPORARY: dict[str, dict[str, Any]] = {
    "429 in seconds": {"kind": "throttled", "retry_after": "1"},
    "429 until a date": {"kind": "throttled", "retry_after": in_future(60)},
    "429 without a word": {"kind": "throttled"},
    "429 until a year of twenty digits": {
        "kind": "throttled",
        "retry_after": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
    },
    "429 soon": {"kind": "throttled", "retry_after": "soon"},
    "429 in -5 seconds": {"kind": "throttled", "retry_after": "-5"},
    "429 for ever": {"kind": "throttled", "retry_after": "inf"},
    "500": {"kind": "status", "status": 500},
    "502 as HTML": {"kind": "status", "status": 502, "html": True},
    "503 in seconds": {"kind": "status", "status": 503, "retry_after": "2"},
    "504": {"kind": "status", "status": 504},
    "refused": {"kind": "refused", "seconds": 0.1},
    "reset before the body": {"kind": "reset"},
    "reset in mid-body": {"kind": "reset_midway"},
    "cut against its length": {"kind": "cut"},
    "cut with a right length": {"kind": "short"},
    "corrupt gzip": {"kind": "corrupt"},
    "200 with HTML": {"kind": "html"},
    "200 with nothing": {"kind": "empty"},
    "200 of another shape": {"kind": "other_json"},
    "an answer that never comes": {"kind": "silent"},
}
ELEVEN_DAYS: dict[str, Any] = {"kind": "throttled", "retry_after": "999999"}
REVOKED: dict[str, Any] = {"kind": "revoked"}
REDIRECT: dict[str, Any] = {"kind": "redirect"}

PASSING = [(name, place) for name in TEMPORARY for place in PLACES]
PASSING += [("401 with the token revoked", place) for place in PLACES if place != "token"]
STAYING = [*PASSING, ("401 with the token revoked", "token")]
STAYING += [("a redirect to another host", place) for place in PLACES]
STAYING += [("429 for eleven days", place) for place in PLACES]
FAULTS = TEMPORARY | {
    "429 for eleven days": ELEVEN_DAYS,
    "401 with the token revoked": REVOKED,
    "a redirect to another host": REDIRECT,
}


pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only(TABLES):
        yield


PATIENCE: dict[str, dict[str, Any]] = {
    "silent": {"request_timeout": 0.1},
    "refused": {"request_timeout": 1},
}


@pytest.fixture(scope="module")
def calm() -> Iterator[Younium]:
    """Shared by all tests, which each remove their fault."""
    with Younium(rows=12) as simulator:
        yield simulator


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of all threads."""
    noted: list[float] = []
    pause = Throttle.pause

    def note(throttle: Throttle, seconds: float) -> None:
        noted.append(seconds)
        pause(throttle, seconds)

    monkeypatch.setattr(Throttle, "pause", note)
    return noted


@pytest.fixture(scope="module")
def catalog() -> Row:
    return choose(TABLES)


@pytest.fixture(scope="module")
def undisturbed(calm: Younium, catalog: Row) -> Output:
    return read(calm, catalog).well()


def read(
    younium: Younium,
    catalog: Row,
    state: Row | None = None,
    clock: Clock | None = None,
    **more: Any,
) -> Output:
    settings = config_of(younium, page_size=4, **{"request_timeout": 5} | more)
    return run(settings, catalog=catalog, state=state, clock=clock)


def strike(younium: Younium, name: str, place: str, **more: Any) -> tuple[Fault, dict[str, Any]]:
    """Let a fault occur, and return settings for it."""
    fault = Fault(**FAULTS[name] | PLACES[place] | more)
    younium.faults[:] = [fault]
    return fault, PATIENCE.get(fault.kind, {})


def clock_for(name: str) -> Clock:
    """A server that becomes unreachable needs some real time to come back."""
    return Clock(0.3 if name == "refused" else 0)


@pytest.mark.product
@pytest.mark.parametrize(("name", "place"), PASSING)
def test_a_temporary_fault_does_not_change_the_output(
    name: str, place: str, younium: Younium, catalog: Row, undisturbed: Output
) -> None:
    """It occurs twice; but a 401 once, as two in a row are an error, and so does a refusal."""
    times = 1 if FAULTS[name]["kind"] in ELSEWHERE else 2
    fault, settings = strike(younium, name, place, times=times)
    output = read(younium, catalog, clock=clock_for(name), **settings)
    assert fault.struck >= 1
    assert output.exit_code == 0, output.complaints
    assert record_lines(output.lines) == record_lines(undisturbed.lines)
    assert not output.complaints


@pytest.mark.product
@pytest.mark.parametrize(("name", "place"), STAYING)
def test_a_permanent_fault_is_reported_in_one_line_and_loses_nothing(
    name: str, place: str, catalog: Row, undisturbed: Output, staying: Younium
) -> None:
    """Rows are written once, complete streams are in the state, and the next run reads the rest."""
    fault, output = stay(staying, name, place, catalog)
    assert fault.struck
    assert output.complaint
    assert "Bug in the tap" not in output.complaint
    lines = record_lines(output.lines)
    assert len(set(lines)) == len(lines)
    assert set(lines) <= set(record_lines(undisturbed.lines))
    if place == "token":
        assert not lines
    elif fault.kind not in ELSEWHERE:
        assert fault.path.partition("*")[0] in output.stderr
        assert "place" not in output.state["bookmarks"]["countries"]
        assert len(output.records["countries"]) == 12
    staying.faults.clear()
    with Younium(rows=12) if fault.kind == "refused" else nullcontext(staying) as again:
        rest = read(again, catalog, output.state or None).well()
    schemas = undisturbed.schemas
    assert by_key([*output.lines, *rest.lines], schemas) == by_key(undisturbed.lines, schemas)


ELSEWHERE = {"refused", "revoked"}
"""Faults of all requests, which can hit an earlier stream first."""


@pytest.fixture
def staying(younium: Younium, request: pytest.FixtureRequest) -> Iterator[Younium]:
    """A simulator for a permanent fault: a separate one if the server becomes unreachable."""
    if request.node.callspec.params["name"] != "refused":
        yield younium
        return
    with Younium(rows=12) as simulator:
        yield simulator


def stay(younium: Younium, name: str, place: str, catalog: Row) -> tuple[Fault, Output]:
    away = {"times": 1, "seconds": 60} if name == "refused" else {"times": None}
    fault, settings = strike(younium, name, place, **away)
    if name == "refused":
        settings = settings | {"retry_timeout": 5}
    return fault, read(younium, catalog, clock=clock_for(name), **settings)


LOUD = [(name, place) for name, place in STAYING if place in {"token", "middle page"}]


@pytest.mark.product
@pytest.mark.parametrize(("name", "place"), LOUD)
def test_a_permanent_fault_shows_no_secret_at_debug_level(
    name: str, place: str, catalog: Row, staying: Younium, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("TAP_YOUNIUM_LOGLEVEL", "LOGLEVEL"):
        monkeypatch.setenv(variable, "DEBUG")
    fault, output = stay(staying, name, place, catalog)
    assert fault.struck
    assert output.exit_code == (2 if fault.kind == "revoked" else 1)
    assert "DEBUG" in output.stderr
    hidden = secrets_of(staying)
    assert len(hidden) >= (2 if place == "token" else 3)
    for secret in hidden:
        assert secret not in output.stdout + output.stderr + json.dumps(output.state)


@pytest.mark.product
@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("429 in seconds", 1, 1),
        ("429 until a date", 30, 61),
        ("503 in seconds", 2, 2),
        ("429 without a word", 0, 1),
        ("429 until a year of twenty digits", 0, 1),
        ("429 soon", 0, 1),
        ("429 in -5 seconds", 0, 1),
        ("429 for ever", 0, 1),
    ],
)
@pytest.mark.parametrize("place", ["token", "middle page", "per parent"])
def test_retry_after_is_honoured_if_it_is_sensible(
    name: str, place: str, least: float, most: float, younium: Younium, catalog: Row
) -> None:
    fault, _ = strike(younium, name, place, times=1)
    if name == "429 until a date":
        fault.retry_after = in_future(60)
    output = read(younium, catalog)
    assert [least <= wait <= most for wait in output.waits] == [True], output.waits


def test_a_pause_that_younium_asks_for_stops_all_threads(
    younium: Younium, catalog: Row, held: list[float]
) -> None:
    strike(younium, "429 in seconds", "middle page", times=1)
    read(younium, catalog).well()
    assert held == [1]


def test_a_broken_token_endpoint_is_not_retried_in_nested_loops(
    younium: Younium, catalog: Row
) -> None:
    """Six times six tries, in each thread, would take an hour."""
    fault, _ = strike(younium, "500", "token", times=None)
    read(younium, catalog)
    assert 6 <= fault.struck <= 60


def test_tokens_that_expire_all_the_time_are_renewed_without_effect(
    catalog: Row, undisturbed: Output
) -> None:
    with Younium(rows=12, token_lifetime=0.06, latency=0.005) as younium:
        output = read(younium, catalog).well()
        logins = [seen for seen in younium.requests if seen.path == "/auth/token"]
    assert len(logins) > 2
    assert record_lines(output.lines) == record_lines(undisturbed.lines)


def test_a_token_revoked_early_is_renewed_without_effect(
    younium: Younium, catalog: Row, undisturbed: Output
) -> None:
    """Younium revokes it five times, during any request."""
    younium.faults[:] = [Fault("revoked", path="/[CIP]*", skip=4 * place) for place in range(5)]
    output = read(younium, catalog, max_parallel_requests=1).well()
    assert all(fault.struck for fault in younium.faults)
    assert record_lines(output.lines) == record_lines(undisturbed.lines)


@pytest.mark.parametrize("place", PLACES)
def test_another_host_in_a_redirect_gets_no_request(
    place: str, younium: Younium, catalog: Row
) -> None:
    with serving() as other:
        strike(younium, "a redirect to another host", place, times=None, location=other.url)
        output = read(younium, catalog)
        assert other.seen == []
    assert "redirects to another host" in output.complaint


def test_another_host_in_next_page_gets_no_request(catalog: Row, undisturbed: Output) -> None:
    with serving() as other, Younium(rows=12, next_page_host=other.url) as younium:
        output = read(younium, catalog).well()
        assert other.seen == []
    assert record_lines(output.lines) == record_lines(undisturbed.lines)


@pytest.mark.parametrize("parallel", [1, 8])
def test_many_faults_in_one_run_do_not_change_the_output(
    parallel: int, younium: Younium, catalog: Row, undisturbed: Output
) -> None:
    """Each temporary fault except silence and refused connections, one after the other."""
    kinds = [kind for kind in TEMPORARY.values() if kind["kind"] not in {"silent", "refused"}]
    younium.faults[:] = [
        Fault(**kind | {"path": "/*", "skip": 3 * place}) for place, kind in enumerate(kinds)
    ]
    output = read(younium, catalog, max_parallel_requests=parallel).well()
    assert sum(fault.struck for fault in younium.faults) >= 8
    assert record_lines(output.lines) == record_lines(undisturbed.lines)
