"""Concurrent requests: never too many, in order, one pause for all, errors with their page."""

from __future__ import annotations

from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from singer import ALL, NOT_BY_DEFAULT, Clock, Younium, config_of, run

from simulator import Fault
from tap_younium.api import fetcher, page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.server import Seen

LATENCY = 0.03
READ = ("accounts", "bookings", "invoices")


def most(requests: Iterable[Seen]) -> int:
    """The largest number of these requests that were open at one moment."""
    edges = [(seen.started, 1) for seen in requests]
    edges += [(seen.ended or 0, -1) for seen in requests]
    flying = [0]
    for _, step in sorted(edges):
        flying.append(flying[-1] + step)
    return max(flying)


def pages_of(younium: Younium, path: str) -> list[Seen]:
    """The requests for the pages of a listing, without the one for changes at its end."""
    return [
        seen for seen in younium.requests if seen.path == path and "ModifiedAfter" not in seen.query
    ]


class Uneven(Younium):
    """Each answer takes a different time: later pages can come before earlier ones."""

    draw = Random(3)  # noqa: S311 - shuffles answers

    @property
    def latency(self) -> float:
        return 0.02 * self.draw.random()

    @latency.setter
    def latency(self, _: float) -> None: ...


@pytest.mark.parametrize("parallel", [1, 2, 4, 8])
def test_concurrent_requests_reach_the_setting_and_never_exceed_it(parallel: int) -> None:
    with Younium(rows=60, latency=LATENCY) as younium:
        config = config_of(younium, max_parallel_requests=parallel, page_size=2)
        output = run(config, select=["accounts"]).well()
    assert len(output.records["accounts"]) == 60
    assert younium.in_flight() == parallel


def test_one_request_at_a_time_reads_page_after_page_and_stream_after_stream() -> None:
    with Younium(rows=25) as younium:
        run(config_of(younium, max_parallel_requests=1, page_size=10), select=READ).well()
    for before, after in zip(younium.requests, younium.requests[1:], strict=False):
        assert before.ended is not None
        assert before.ended <= after.started
    for path in ("/Accounts", "/Bookings", "/Invoices"):
        pages = [seen.query["PageNumber"] for seen in pages_of(younium, path)]
        assert pages == ["1", "2", "3"]
    starts = [
        younium.requests.index(pages_of(younium, f"/{each}")[0])
        for each in (
            "Accounts",
            "Bookings",
            "Invoices",
        )
    ]
    assert starts == sorted(starts)


def test_rows_come_in_the_order_of_their_pages() -> None:
    """Also if a later page arrives first."""
    with Uneven(rows=60) as younium:
        config = config_of(younium, page_size=2)
        many = run(config | {"max_parallel_requests": 8}, select=READ).well()
        pages = pages_of(younium, "/Accounts")
        answered = sorted(pages, key=lambda seen: seen.ended or 0)
        assert [seen.query["PageNumber"] for seen in answered] != list(
            map(str, range(1, len(pages) + 1))
        )
        one = run(config | {"max_parallel_requests": 1}, select=READ).well()
    assert many.records.keys() == set(READ)
    for table in READ:
        found = [row["id"] for row in many.records[table]]
        assert found == [row["id"] for row in one.records[table]] == sorted(found)


def test_after_429_all_requests_pause_and_fewer_are_concurrent() -> None:
    pause = 0.6
    fault = Fault("throttled", path="/Accounts", page=20, retry_after=str(pause))
    with Younium(rows=100, latency=LATENCY, faults=[fault]) as younium:
        config = config_of(younium, max_parallel_requests=8, page_size=1)
        output = run(config, select=["accounts"], clock=Clock(share=1)).well()
    (refused,) = (seen for seen in younium.requests if seen.status == 429)
    assert refused.ended is not None
    since = refused.ended
    early = [seen for seen in younium.requests if seen.started < since]
    late = [seen for seen in younium.requests if seen.started >= since + pause - 0.05]
    assert most(early) == 8
    # A request that was about to be sent before the refusal can still be sent.
    assert len(early) + len(late) >= len(younium.requests) - 7
    assert not [s for s in younium.requests if since + 0.2 < s.started < since + pause - 0.05]
    assert most(late[:8]) <= 5  # a half, and the answers in flight let it grow by one
    assert most(late) <= 8
    assert len(output.records["accounts"]) == 100
    assert len(output.warnings("429")) == 1


def test_the_number_of_concurrent_requests_grows_back_slowly() -> None:
    fault = Fault("throttled", path="/Accounts", page=20, retry_after="0")
    with Younium(rows=150, latency=LATENCY, faults=[fault]) as younium:
        config = config_of(younium, max_parallel_requests=4, page_size=1)
        run(config, select=["accounts"]).well()
    (refused,) = (seen for seen in younium.requests if seen.status == 429)
    late = [seen for seen in younium.requests if seen.started > (refused.ended or 0)]
    assert most(late[-40:]) == 4


@pytest.mark.parametrize("parallel", [1, 8])
def test_an_error_in_a_worker_names_its_page(parallel: int) -> None:
    fault = Fault("status", path="/Accounts", page=7, status=418, times=None)
    with Younium(rows=40, faults=[fault]) as younium:
        config = config_of(younium, max_parallel_requests=parallel, page_size=2)
        output = run(config, select=["accounts"])
    assert "/Accounts, page 7" in output.complaint
    assert "418" in output.complaint
    ids = [row["id"] for row in output.records["accounts"]]
    assert ids == sorted(ids)
    assert len(ids) == 12  # what came before the page is written, nothing after it


def test_a_bug_in_a_worker_ends_the_run_in_one_line() -> None:
    right = page.parse_page

    def wrong(body: bytes, asked: Any, number: int, *others: Any) -> Any:
        if number == 3:
            raise RuntimeError("a wheel came off")
        return right(body, asked, number, *others)

    with Younium(rows=20) as younium, mock.patch.object(fetcher, "parse_page", wrong):
        output = run(config_of(younium, page_size=2), select=["accounts"])
    assert "RuntimeError: a wheel came off" in output.complaint


def test_the_first_pages_of_the_next_streams_are_requested_early() -> None:
    with Younium(rows=3, latency=0.1) as younium:
        output = run(config_of(younium, max_parallel_requests=4), select=READ).well()
    firsts = {seen.path: seen for seen in younium.requests if "PageNumber" in seen.query}
    assert firsts["/Accounts"].ended is not None
    for path in ("/Bookings", "/Invoices"):
        assert firsts[path].started < firsts["/Accounts"].ended
        assert len(pages_of(younium, path)) == 1  # once, not early and again
    assert {table: len(rows) for table, rows in output.records.items()} == dict.fromkeys(READ, 3)


@pytest.mark.exhaustive
def test_eight_concurrent_requests_give_what_one_at_a_time_gives() -> None:
    tables = [table for table in ALL if table not in NOT_BY_DEFAULT]
    with Younium(rows=3, latency=0.01) as younium:
        many = run(config_of(younium, max_parallel_requests=8, page_size=2), select=tables).well()
        assert 1 < younium.in_flight() <= 8
        asked = sorted((seen.path, seen.query.get("PageNumber", "")) for seen in younium.requests)
        younium.clear()
        one = run(config_of(younium, max_parallel_requests=1, page_size=2), select=tables).well()
        assert younium.in_flight() == 1
        assert asked == sorted(
            (seen.path, seen.query.get("PageNumber", "")) for seen in younium.requests
        )
    for rows in (many, one):
        for payment in rows.records["payments"]:
            payment.pop("_last_modified")  # Younium's clock
        for row in chain.from_iterable(rows.records.values()):
            row.pop("_read_at")
    assert many.records == one.records
    assert list(many.records) == list(one.records)
