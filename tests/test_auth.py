"""A run needs one token, in any form, and a failed login is reported clearly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer import ALL, Row, Younium, config_of, run
from stub import serving

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGINS = ("/auth/token", "/auth/v2/token")


def logins(simulator: Simulator) -> list[str]:
    """The paths of the requests for a token."""
    return [seen.path for seen in simulator.requests if seen.path in LOGINS]


@pytest.mark.parametrize(("version", "path"), [("v1", "/auth/token"), ("v2", "/auth/v2/token")])
def test_either_endpoint_returns_a_token(version: str, path: str) -> None:
    with Younium(rows=2) as younium:
        output = run(config_of(younium, auth_version=version), select=["accounts"]).well()
        assert logins(younium) == [path]
        assert len(output.records["accounts"]) == 2


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    "answer",
    [
        {"accessToken": "t0k3n", "expiresIn": 86400, "refreshToken": "r"},
        {"access_token": "t0k3n", "expires_in": 86400, "refresh_token": "r"},
        {"accessToken": "t0k3n", "expiresIn": "86400"},
        {"access_token": "t0k3n"},
        {"access_token": "t0k3n", "expires_in": None, "expires": None},
        {"accessToken": "t0k3n", "expires": "whenever"},
    ],
    ids=["camel", "snake", "text", "bare", "nulls", "no time"],
)
def test_either_spelling_is_read_from_either_endpoint(version: str, answer: Row) -> None:
    with serving() as stub:
        stub.log_in = lambda: (200, answer)
        run({**stub.config, "auth_version": version}, select=["accounts", "invoices"]).well()
        assert stub.seen.count("login") == 1
        assert set(stub.seen) == {"login", "Bearer t0k3n"}


@pytest.mark.parametrize(("expires", "renewed"), [("11:00:00", False), ("09:59:00", True)])
def test_expires_is_compared_with_younium_s_clock_if_expires_in_is_missing(
    *, expires: str, renewed: bool
) -> None:
    """A token valid for an hour is kept; one that has expired is requested again each time."""
    with serving() as stub:
        stub.date = "Thu, 21 Sep 2023 10:00:00 GMT"
        answer = {"accessToken": "t", "expires": f"Thu, 21 Sep 2023 {expires} GMT"}
        stub.log_in = lambda: (200, answer)
        config = {**stub.config, "max_parallel_requests": 1}
        run(config, select=["accounts", "bookings", "invoices"]).well()
        logins = stub.seen.count("login")
        assert logins >= 3 if renewed else logins == 1


def test_an_answer_without_expires_in_is_enough() -> None:
    with Younium(rows=2, expires_in=False) as younium:
        run(config_of(younium), select=ALL).well()
        assert len(logins(younium)) == 1


def test_one_token_serves_the_whole_run() -> None:
    """30 streams of two legal entities, eight concurrent requests: one login."""
    with Younium(rows=3, entities=["One", "Two"]) as younium:
        run(config_of(younium, max_parallel_requests=8), select=ALL).well()
        assert len(logins(younium)) == 1
        tokens = {seen.headers.get("authorization") for seen in younium.requests}
        assert len(tokens - {None}) == 1


def test_a_short_lived_token_is_renewed_before_it_expires() -> None:
    """Younium never has to refuse one."""
    with Younium(rows=150, token_lifetime=1, latency=0.06, max_page_size=10) as younium:
        config = config_of(younium, max_parallel_requests=1, page_size=10)
        output = run(config, select=["countries"]).well()
        assert len(output.records["countries"]) == 150
        assert {seen.status for seen in younium.requests} == {200}
        spent = younium.requests[-1].started - younium.requests[0].started
        assert 2 <= len(logins(younium)) <= spent / 0.5 + 1


@pytest.mark.parametrize("parallel", [1, 8])
def test_a_token_revoked_during_a_run_costs_one_login_and_no_row(parallel: int) -> None:
    """Even if several requests were refused at once."""
    fault = Fault("revoked", path="/Countries", page=3)
    with Younium(rows=100, latency=0.01, faults=[fault]) as younium:
        config = config_of(younium, max_parallel_requests=parallel, page_size=10)
        output = run(config, select=["countries", "currencies"]).well()
        assert fault.struck == 1
        assert len({row["id"] for row in output.records["countries"]}) == 100
        assert len(output.records["countries"]) == len(output.records["currencies"]) == 100
        assert len(logins(younium)) == 2


def test_401_twice_in_a_row_is_an_error_in_one_line() -> None:
    fault = Fault("status", path="/Accounts", status=401, times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=["accounts"])
        assert "GET /Accounts" in output.complaint
        assert "401 twice" in output.complaint
        assert output.exit_code == 2
        assert len(logins(younium)) == 2
        assert not output.waits


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("key", ["errors", "error"])
def test_a_wrong_secret_is_reported_with_younium_s_message(status: int, key: str) -> None:
    """At once, in one line that names the settings to check, without the secret."""
    with Younium(rows=1, login_refusal=status, login_error_key=key) as younium:
        output = run(config_of(younium, client_secret="wr0ng-secret"), select=["accounts"])
        assert "Invalid client id or secret" in output.complaint
        assert output.exit_code == 2
        assert "client_secret" in output.complaint
        assert str(status) in output.complaint
        assert "wr0ng-secret" not in output.stdout + output.stderr
        assert len(younium.requests) == 1
        assert not output.waits


@pytest.fixture(scope="module")
def two_rows() -> Iterator[Simulator]:
    """For tests that change only its faults."""
    with Younium(rows=2) as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("status", {"status": 503}),
        ("status", {"status": 500}),
        ("status", {"status": 502, "html": True}),
        ("throttled", {"retry_after": "0"}),
        ("html", {}),
        ("empty", {}),
        ("other_json", {}),
        ("short", {}),
        ("cut", {}),
        ("reset", {}),
        ("reset_midway", {}),
        ("silent", {}),
    ],
    ids=str,
)
def test_a_temporary_failure_of_the_login_is_retried(
    kind: Any, options: Row, two_rows: Simulator
) -> None:
    two_rows.clear()
    times = 1 if kind == "silent" else 2
    two_rows.faults[:] = [Fault(kind, path="/auth/token", times=times, **options)]
    timeout = 1 if kind == "silent" else 60
    output = run(config_of(two_rows, request_timeout=timeout), select=["accounts"]).well()
    assert len(output.records["accounts"]) == 2
    assert len(logins(two_rows)) == times + 1
    assert 1 <= len(output.waits) <= times  # it can have given up by then
    assert len(output.warnings("POST /auth/token")) >= len(output.waits)


def test_retry_after_at_the_login_is_honoured() -> None:
    fault = Fault("status", path="/auth/*", status=503, retry_after="7")
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=["accounts"]).well()
        assert output.waits == [7.0]


def test_a_permanent_failure_of_the_login_ends_the_run_in_one_line() -> None:
    fault = Fault("html", path="/auth/*", times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=["accounts"])
        assert "POST /auth/token" in output.complaint
        assert "text/html" in output.complaint
        assert "api_url" in output.complaint
        assert 3 <= len(younium.requests) <= 18  # not six tries of six tries


def test_a_login_that_redirects_to_another_host_is_refused() -> None:
    """The secret would be sent to that host."""
    with Younium() as other, Younium(rows=2) as younium:
        younium.faults.append(Fault("redirect", path="/auth/*", location=f"{other.url}/auth/token"))
        output = run(config_of(younium), select=["accounts"])
        assert "redirects to another host" in output.complaint
        assert not other.requests
