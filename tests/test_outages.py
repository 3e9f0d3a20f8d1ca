"""How long the tap waits for a host that is unavailable, and what it does when that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer import ALL, Clock, Output, Younium, config_of, run, run_process
from stub import serving

from simulator import Fault
from tap_younium.api.retry import Outage

if TYPE_CHECKING:
    from simulator import Seen

READ = ("accounts", "bookings", "countries")


def minute(kind: Any, clock: Clock, seconds: float = 60, **more: Any) -> Fault:
    """A fault of all requests for a number of seconds, from the first one."""
    began: list[float] = []

    def lasts() -> bool:
        began.append(clock.now())
        return began[-1] < began[0] + seconds

    return Fault(kind, times=None, lasts=lasts, **more)


def asked(younium: Younium, path: str) -> list[Seen]:
    return [seen for seen in younium.requests if seen.path == path]


def whole(output: Output, number: int) -> None:
    output.well()
    assert {table: len(rows) for table, rows in output.records.items()} == dict.fromkeys(
        READ, number
    )


@pytest.mark.product
@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("path", ["*", "/Bookings"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("status", {"status": 503}), ("throttled", {}), ("reset", {})],
    ids=["503", "429", "reset"],
)
def test_a_minute_without_retry_after_is_survived(
    kind: str, options: dict[str, Any], path: str, parallel: int
) -> None:
    clock = Clock()
    fault = minute(kind, clock, path=path, **options)
    with Younium(rows=12, faults=[fault]) as younium:
        config = config_of(younium, page_size=5, max_parallel_requests=parallel)
        output = run(config, select=READ, clock=clock)
    whole(output, 12)
    assert fault.struck > 6
    assert max(output.waits) <= 60


def test_a_second_of_503_is_survived_by_a_process() -> None:
    fault = minute("status", Clock(), seconds=1, status=503)
    with Younium(rows=2, faults=[fault]) as younium:
        whole(run_process(config_of(younium, retry_timeout=20), select=READ), 2)
    assert fault.struck


def test_a_long_outage_is_waited_for_once_in_the_whole_run() -> None:
    """After five minutes each stream gets one request, and the run ends."""
    clock = Clock()
    began = clock.now()
    fault = Fault("status", path="/[A-Z]*", status=503, times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium, max_parallel_requests=1), select=ALL, clock=clock)
        later = [
            path
            for path in {seen.path for seen in younium.requests}
            if len(asked(younium, path)) > 1
        ]
    assert 300 <= clock.now() - began < 330
    assert len(later) == 1
    assert output.exit_code == 1
    assert "retry_timeout is 300" in output.stderr


def test_streams_continue_after_an_outage_in_which_one_of_them_failed() -> None:
    clock = Clock()
    fault = minute("status", clock, seconds=100, path="/*s", status=503)
    with Younium(rows=2, faults=[fault]) as younium:
        config = config_of(younium, max_parallel_requests=1, retry_timeout=20)
        output = run(config, select=["accounts", "countries", "currencies", "usage"], clock=clock)
    assert output.exit_code == 1
    assert set(output.records) == {"currencies", "usage"}


def test_an_unreachable_host_ends_the_run() -> None:
    with Younium() as gone:
        config = config_of(gone)
    clock = Clock()
    began = clock.now()
    output = run(config, select=READ, clock=clock)
    assert output.exit_code == 1
    assert "the connection failed" in output.complaint
    assert "has not responded for 300 s" in output.complaint
    assert 300 <= clock.now() - began < 310


def test_a_host_that_becomes_unreachable_ends_the_run_after_the_timeout() -> None:
    clock = Clock()
    fault = Fault("reset", skip=3, times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium, max_parallel_requests=1), select=READ, clock=clock)
    assert "has not responded" in output.complaint
    assert set(output.records) == {"accounts", "bookings"}


def test_one_path_that_never_answers_does_not_affect_other_streams() -> None:
    fault = Fault("reset", path="/Bookings", times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=READ)
    assert output.exit_code == 1
    assert set(output.records) == {"accounts", "countries"}
    assert "bookings" in output.complaint


@pytest.mark.parametrize("path", ["/auth/token", "/Accounts"])
@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_longer_retry_after_is_not_waited_for_and_reported(status: int, path: str) -> None:
    fault = Fault("status", path=path, status=status, retry_after="3600", times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=READ)
    assert "Retry-After is 3,600 s, longer than retry_timeout (300 s)" in output.complaint
    assert not output.waits
    assert set(output.records) == (set() if "auth" in path else {"bookings", "countries"})


def test_retry_after_up_to_the_limit_is_waited_for() -> None:
    fault = Fault("status", path="/Accounts", status=503, retry_after="299")
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=READ)
    whole(output, 2)
    assert output.waits == [299]


def test_a_retry_after_of_zero_does_not_retry_endlessly() -> None:
    fault = Fault("throttled", path="/Accounts", retry_after="0", times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        run(config_of(younium, retry_timeout=10), select=["accounts"])
        assert 10 <= len(asked(younium, "/Accounts")) <= 22


def test_without_a_timeout_for_retries_nothing_is_waited_for() -> None:
    fault = Fault("throttled", path="/Accounts")
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium, retry_timeout=0), select=["accounts"])
    assert "429" in output.complaint
    assert not output.waits


def test_after_a_failed_request_others_of_its_kind_get_one_try() -> None:
    """Nested streams, other legal entities and later parents do not repeat the six tries."""
    faults = [
        Fault("status", path="/Bookings", times=None),
        Fault("status", path="/Invoices/*/Attachments", times=7),
    ]
    with Younium(rows=4, entities=["One", "Two"], faults=faults) as younium:
        config = config_of(younium, max_parallel_requests=1)
        streams = ["bookings", "booking_lines", "invoice_attachments"]
        run(config, select=streams)
        assert len(asked(younium, "/Bookings")) == 6 + 1
        statuses = [seen.status for seen in younium.requests if "Attachments" in seen.path]
        assert statuses == [500] * 7 + [200] * 6


def test_six_tries_return_after_a_success() -> None:
    faults = [
        Fault("status", path="/Invoices/*/Attachments", times=6),
        Fault("status", path="/Invoices/*/Attachments", skip=1, times=2),
    ]
    with Younium(rows=4, faults=faults) as younium:
        output = run(config_of(younium, max_parallel_requests=1), select=["invoice_attachments"])
        statuses = [seen.status for seen in younium.requests if "Attachments" in seen.path]
    assert statuses == [500] * 6 + [200] + [500] * 2 + [200] * 2
    assert "Gave up after 6 tries" in output.stderr


def test_discovery_does_not_wait_for_an_unreachable_host() -> None:
    with Younium() as gone:
        config = config_of(gone)
    output = run(config, "--discover")
    assert "the connection failed" in output.complaint
    assert not output.stdout
    assert sum(output.waits) <= 2


def test_discovery_survives_a_minute_of_503() -> None:
    clock = Clock()
    with Younium(rows=1, faults=[minute("status", clock, status=503)]) as younium:
        run(config_of(younium), "--discover", clock=clock).well()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("path", ["/auth/token", "/Countries"])
def test_a_request_whose_body_can_not_be_decompressed_is_retried(encoding: Any, path: str) -> None:
    fault = Fault("corrupt", path=path, encoding=encoding, times=2)
    with Younium(rows=2, faults=[fault]) as younium:
        whole(run(config_of(younium), select=READ), 2)
    assert fault.struck == 2


def test_a_body_that_was_never_compressed_fails_after_six_tries() -> None:
    fault = Fault("corrupt", path="/Countries", times=None)
    with Younium(rows=2, faults=[fault]) as younium:
        output = run(config_of(younium), select=READ)
    assert fault.struck == 6
    assert "/Countries, page 1: the response is truncated or corrupt" in output.complaint
    assert set(output.records) == {"accounts", "bookings"}


def test_an_unreachable_token_endpoint_ends_the_run() -> None:
    with serving() as stub:
        stub.log_in = lambda: (500, {})
        output = run(stub.config, select=READ)
        assert stub.seen == ["login"] * 6
    assert output.exit_code == 1
    assert "POST /auth/token: 500" in output.complaint


def test_an_outage_begins_with_the_first_failure_since_a_success() -> None:
    clock = Clock()
    with clock.ticking():
        outage = Outage(10)
        began = outage.record_failure()
        clock.sleep(6)
        assert outage.record_failure() == began
        assert outage.remaining(began) <= 4
        outage.end()
        assert outage.record_failure() > began


def test_a_failure_long_before_does_not_count() -> None:
    """As when a slow target held up all requests since."""
    clock = Clock()
    with clock.ticking():
        outage = Outage(10)
        outage.record_failure()
        clock.sleep(11)
        assert outage.remaining(outage.record_failure()) > 9
