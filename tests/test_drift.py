"""Records are inserted, deleted and changed while pages are read; no other record is lost."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import TYPE_CHECKING, Any, Literal
from unittest import mock

import pytest
from faults.tools import choose, cuts, only
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from singer import Output, Row, Younium, config_of, run

from simulator import contract, server
from tap_younium import run as run_module
from tap_younium.pagination import reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulator import Seen

PATHS = {
    "accounts": "Accounts",
    "exchange_rates": "ExchangeRate",
    "journal_details": "Journals/JournalDetails",
    "payments": "Payments",
}
CHOSEN = {table: choose([table]) for table in PATHS}
ROWS, PAGE_SIZE = 17, 4
PARALLEL = (1, 4, 8)
SCHEDULES = int(os.environ.get("SCHEDULES", "12"))
"""The number of schedules that each property tries; set it to try more."""
OFFSETS = (-12, -5, 0, 2, 14)
"""Hours by which Younium's clock, whose times have no zone, is ahead of UTC."""
READINGS = ("ignore", "convert")
"""What Younium does with the zone in `ModifiedAfter`."""
OLD = "2024-05-01T10:00:00.0000000"


@dataclass(frozen=True)
class Event:
    """What happens to the rows before a request is answered.

    A move deletes a row and inserts another half of the rows further on, at the same time. An undo
    deletes the row that was inserted last. An imported row was created long ago.

    Attributes:
        request: The number of the collection's request before which it happens, from 0.
        kind: What happens.
        rank: The position of the row in the order of ids, or the position to insert at.
    """

    request: int
    kind: Literal["insert", "import", "delete", "change", "move", "undo"]
    rank: int


@dataclass
class Moving:
    """A collection that changes while it is read, with a clock that advances with each request."""

    younium: Younium
    table: str
    events: Sequence[Event]
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    step: timedelta = timedelta(seconds=7)
    cut: int | None = None
    late: timedelta = timedelta()
    size: int = ROWS
    page_size: int = PAGE_SIZE
    requests: int = 0
    inserted: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = self.younium.rows(PATHS[self.table])
        like = self.rows[0]
        self.rows[:] = [
            deepcopy(like) | self.stamped(f"{100 * n:08x}", OLD) for n in range(self.size)
        ]
        for number, row in enumerate(self.rows if "created" in like else ()):
            row["created"] = f"2024-05-01T{number * 7919 % 14 + 10}:00:00.{number:07}"
        self.first = {row["id"] for row in self.rows}

    def stamped(self, start: str, time: str, *, created: bool = True) -> Row:
        stamps = {"id": f"{start}-0000-4000-8000-000000000000"}
        names = ("created", "modified") if created else ("modified",)
        if self.table == "payments":  # its rows show no times
            return stamps | {"_modified": time, "paymentSettlements": None}
        return stamps | dict.fromkeys(names, time)

    def before_answer(self, seen: Seen) -> None:
        self.now += self.step
        if seen.path != "/" + PATHS[self.table]:
            return
        self.seen.append(seen)
        for event in self.events:
            if event.request == self.requests:
                self.apply(event)
        self.requests += 1

    def apply(self, event: Event) -> None:
        if event.kind == "move":
            there = (event.rank + ROWS // 2) % ROWS
            self.apply(Event(event.request, "delete", event.rank))
            self.apply(Event(event.request, "insert", there))
            return
        self.rows.sort(key=lambda row: str(row["id"]))
        place = min(event.rank, len(self.rows))
        time = self.younium.stamp(self.now + timedelta(milliseconds=123))[: self.cut]
        if event.kind in {"insert", "import"}:
            below = int(self.rows[place - 1]["id"][:8], 16) if place else -1
            fresh = self.stamped(f"{below + 1:08x}", time)
            if fresh["id"] not in {row["id"] for row in self.rows} | self.gone:
                fresh |= {"created": OLD} if event.kind == "import" else {}
                self.rows.insert(place, deepcopy(self.rows[0]) | fresh)
                self.inserted.append(fresh["id"])
        elif event.kind == "undo":
            undone = self.inserted.pop() if self.inserted else None
            self.rows[:] = [row for row in self.rows if row["id"] != undone]
        elif place < len(self.rows):
            if event.kind == "delete" and len(self.rows) > 2:
                self.gone.add(self.rows.pop(place)["id"])
            elif event.kind == "change":
                row = self.rows[place]
                row |= self.stamped(row["id"][:8], time, created=False)

    @property
    def throughout(self) -> set[str]:
        return self.first - self.gone

    def date(self, **_: Any) -> str:
        return format_datetime(self.now + self.late, usegmt=True)

    def read(self, parallel: int, state: Row | None = None, **more: Any) -> Output:
        self.younium.before_answer = self.before_answer
        with mock.patch.object(server, "formatdate", self.date):
            output = run(
                config_of(
                    self.younium, page_size=self.page_size, max_parallel_requests=parallel, **more
                ),
                catalog=CHOSEN[self.table],
                state=state,
            )
        self.younium.before_answer = None
        return output if output.errors("record(s) missing") else output.well()


@contextmanager
def moving(table: str, *events: Event, size: int = ROWS, **options: Any) -> Iterator[Moving]:
    with Younium(rows=1, **options) as younium:
        yield Moving(younium, table, events, size=size)


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only([*PATHS, "product_features"]):
        yield


def reported(output: Output, table: str) -> bool:
    """Whether a warning names the stream's path, or the run fails because records are missing."""
    path = f"/{PATHS[table]}"
    lacking = [line for line in output.errors("record(s) missing") if f"GET {path}:" in line]
    return bool(lacking or output.warnings(f"{path}: data changed during all"))


def each_once(output: Output, subject: Moving) -> None:
    came = Counter(row["id"] for row in output.records.get(subject.table, []))
    assert not subject.throughout - set(came), sorted(subject.throughout - set(came))
    assert set(came.values()) <= {1}, came.most_common(3)


SINCE_MARCH = {"bookmarks": {"accounts": {"replication_key_value": "2024-03-01T00:00:00.000000Z"}}}


def schedule(kinds: Sequence[str] = ("insert", "delete", "change", "undo")) -> Any:
    event = st.builds(
        Event,
        st.integers(0, 7),
        st.sampled_from(kinds),
        st.integers(0, ROWS),
    )
    return st.lists(event, min_size=1, max_size=5)


MOVES = ("insert", "delete", "change", "undo", "move", "move")
PROPERTY = settings(
    max_examples=SCHEDULES,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)


def complete_or_reported(subject: Moving, parallel: int, state: Row | None = None) -> None:
    output = subject.read(parallel, state)
    came = Counter(row["id"] for row in output.records.get(subject.table, []))
    assert set(came.values()) <= {1}, came.most_common(3)
    assert subject.throughout <= set(came) or reported(output, subject.table), subject.events


@pytest.mark.product
@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("table", ["accounts", "exchange_rates", "journal_details", "payments"])
@PROPERTY
@given(events=schedule())
def test_no_record_is_lost_silently_whatever_moves(
    table: str, parallel: int, events: list[Event]
) -> None:
    """Exchange rates show no changes, and payments no times."""
    with moving(table, *events) as subject:
        complete_or_reported(subject, parallel)


@pytest.mark.product
@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("table", ["accounts", "journal_details"])
@PROPERTY
@given(events=schedule(MOVES))
def test_no_record_is_lost_silently_of_many_pages(
    table: str, parallel: int, events: list[Event]
) -> None:
    """Before and after many pages, the tap asks for the newest records."""
    with mock.patch.object(reader, "MANY_PAGES", 2), moving(table, *events) as subject:
        complete_or_reported(subject, parallel)


@pytest.mark.parametrize("parallel", PARALLEL)
@PROPERTY
@given(events=schedule())
def test_no_record_of_an_incremental_read_is_lost_silently_whatever_moves(
    parallel: int, events: list[Event]
) -> None:
    with moving("accounts", *events) as subject:
        complete_or_reported(subject, parallel, SINCE_MARCH)
        assert all("ModifiedAfter" in seen.query for seen in subject.seen)


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("table", ["accounts", "exchange_rates"])
@PROPERTY
@given(
    number=st.integers(0, 6),
    before=st.sampled_from(["insert", "delete"]),
    after=st.sampled_from(["insert", "delete"]),
    cut=st.integers(0, 20),
)
def test_a_run_interrupted_after_records_moved_loses_none_silently(
    table: str, parallel: int, number: int, before: str, after: str, cut: int
) -> None:
    """The next run can resume only after pages of which it is sure.

    With concurrent requests, a delete and an insert can cancel each other out in every count.
    """
    after = before if parallel > 1 else after
    events = (Event(number, before, 1), Event(number + 1, after, 9))  # type: ignore[arg-type]
    with mock.patch.object(run_module, "PAGES_PER_STATE", 1), moving(table, *events) as subject:
        states = list(cuts(subject.read(parallel)))
        lines, state = states[cut % len(states)]
        subject.events = ()
        rest = subject.read(parallel, state)
        came = {row["id"] for row in Output(0, "\n".join([*lines, ""]), "").records.get(table, [])}
        came |= {row["id"] for row in rest.records.get(table, [])}
        assert subject.throughout <= came or reported(rest, table)


@pytest.mark.parametrize("parallel", [1, 4])
@PROPERTY
@given(events=schedule())
def test_no_record_is_lost_silently_if_younium_does_not_sort(
    parallel: int, events: list[Event]
) -> None:
    with moving("accounts", *events, refuse_order=True) as subject:
        complete_or_reported(subject, parallel)


@PROPERTY
@given(events=schedule(("change",)), parallel=st.sampled_from(PARALLEL))
def test_records_that_only_change_come_each_once_in_one_pass(
    parallel: int, events: list[Event]
) -> None:
    with moving("accounts", *events) as subject:
        output = subject.read(parallel)
        each_once(output, subject)
        assert not reported(output, "accounts")
        pages = [seen.query["PageNumber"] for seen in subject.seen]
        assert pages.count("2") <= 2  # of the records, and at most of the changes


HARD: dict[str, tuple[Event, ...]] = {
    "deleted before the cursor": (Event(1, "delete", 1),),
    "inserted before the cursor": (Event(2, "insert", 0),),
    "inserted at each page": tuple(Event(request, "insert", 1) for request in range(5)),
    "inserted and deleted, with the count as it was": (
        Event(1, "delete", 1),
        Event(1, "insert", ROWS),
    ),
    "moved, and inserted before the count": (Event(4, "move", 3), Event(6, "insert", 4)),
    "deleted and inserted before the cursor": (Event(2, "delete", 1), Event(3, "insert", 0)),
    "deleted on the last page": (Event(4, "delete", ROWS - 1),),
    "deleted before the question what has changed": (Event(5, "delete", 2),),
    "inserted and deleted again": (Event(1, "insert", 0), Event(3, "delete", 0)),
    "moved to another id": (Event(2, "delete", 3), Event(2, "insert", 12)),
}


PAGES = 30


def busy(table: str, every: int, *more: Event) -> Any:
    """Many pages with an insert at random each `every` requests, and other events."""
    draw = Random(every)  # noqa: S311 - keeps no secret
    size = PAGES * 100 - 50
    inserts = (Event(number, "insert", draw.randrange(size)) for number in range(0, 120, every))
    return moving(table, *inserts, *more, size=size)


@pytest.mark.product
@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("table", ["accounts", "journal_details"])
def test_a_first_load_under_steady_inserts_costs_a_fifth_more_at_most(
    table: str, every: int
) -> None:
    """Every row comes once, also those that were inserted: the list of changes has them."""
    with busy(table, every) as subject:
        subject.page_size = 100
        output = subject.read(parallel=1)
        assert not output.warnings()
        each_once(output, subject)
        assert {row["id"] for row in output.records[table]} == {row["id"] for row in subject.rows}
        assert subject.requests <= 1.2 * PAGES


@pytest.mark.parametrize("parallel", [4, 8])
def test_steady_inserts_cost_as_little_with_concurrent_requests(parallel: int) -> None:
    """A page that is answered before the one in front of it can hide a row: it is read again."""
    with busy("accounts", 10) as subject:
        subject.page_size = 100
        output = subject.read(parallel)
        assert not output.warnings()
        each_once(output, subject)
        assert subject.requests <= 1.2 * PAGES


def test_a_delete_under_steady_inserts_loses_nothing() -> None:
    with busy("accounts", 3, Event(9, "delete", 100), Event(9, "insert", 2900)) as subject:
        subject.page_size = 100
        output = subject.read(parallel=1)
        assert not output.warnings()
        each_once(output, subject)
        assert subject.requests <= 2.2 * PAGES


@pytest.mark.parametrize(("delete", "add"), [(9, 12), (12, 9)])
def test_a_delete_is_noticed_although_an_imported_row_replaces_it(delete: int, add: int) -> None:
    """The list of the newest rows does not show the imported one: the counts of the pages do."""
    events = (Event(delete, "delete", 2), Event(add, "import", PAGES * PAGE_SIZE - 5))
    with moving("accounts", *events, size=PAGES * PAGE_SIZE) as subject:
        output = subject.read(parallel=1)
        assert not output.warnings()
        each_once(output, subject)


def test_no_record_is_lost_if_younium_ignores_the_order_of_the_newest() -> None:
    """Even if the rows of its first page happen to be the newest first."""

    def by_id(table: Any, collection: Any, text: str, *more: Any) -> list[Row]:
        return ordered(table, collection, text.removeprefix("created desc, "), *more)

    ordered = contract._ordered
    events = (Event(12, "delete", 2), Event(12, "insert", 40))
    with moving("accounts", *events, size=48) as subject:
        subject.page_size = 2
        subject.rows[0]["created"] = "2024-05-02T10:00:00"
        with mock.patch.object(contract, "_ordered", by_id):
            output = subject.read(parallel=1)
        assert not output.warnings()
        each_once(output, subject)


LATE = "moved, and inserted before the count"
"""The insert can fall into the second pass and then cause a third, and a warning."""


@pytest.mark.product
@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("table", ["accounts", "exchange_rates", "payments", "journal_details"])
@pytest.mark.parametrize("case", HARD)
def test_the_hard_cases_are_resolved_without_a_warning(
    case: str, table: str, parallel: int
) -> None:
    """Records that moved are read again, and then none is missing."""
    with moving(table, *HARD[case]) as subject:
        output = subject.read(parallel)
        each_once(output, subject)
        assert case == LATE or not reported(output, table)


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("table", ["accounts", "exchange_rates"])
def test_a_stream_that_keeps_changing_is_reported_by_name(table: str, parallel: int) -> None:
    events = [Event(request, "insert", request) for request in range(40)]
    events += [Event(request, "delete", request + 7) for request in range(1, 40, 3)]
    with moving(table, *events) as subject:
        output = subject.read(parallel)
    assert reported(output, table)
    assert subject.requests < 60  # three passes, not endless ones


@pytest.mark.product
@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("case", HARD)
def test_a_change_before_the_second_pass_causes_no_third(case: str, parallel: int) -> None:
    """`Date` has no fractions: passes of a small stream begin and end in the same second."""
    with moving("accounts", *HARD[case]) as subject:
        subject.step = timedelta()
        output = subject.read(parallel)
        each_once(output, subject)
        assert case == LATE or not reported(output, "accounts")


@pytest.mark.product
@pytest.mark.parametrize("table", ["accounts", "journal_details"])
@pytest.mark.parametrize("case", HARD)
def test_changes_are_found_with_times_of_whole_seconds(case: str, table: str) -> None:
    """Some of Younium's times have no fraction: a change can look older than the pass."""
    with moving(table, *HARD[case]) as subject:
        subject.cut, subject.step = len("2024-05-01T10:00:00"), timedelta()
        subject.late = timedelta(
            seconds=1
        )  # the first answer is sent at the start of the next second
        output = subject.read(parallel=4)
        each_once(output, subject)


# Younium's times have no zone


@pytest.mark.product
@pytest.mark.parametrize("table", ["accounts", "journal_details", "payments"])
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("offset", OFFSETS)
@PROPERTY
@given(events=schedule(MOVES), parallel=st.sampled_from(PARALLEL))
def test_no_record_is_lost_silently_in_any_time_zone(
    offset: int, reading: str, table: str, parallel: int, events: list[Event]
) -> None:
    with moving(table, *events, clock_offset=offset, window_zone=reading) as subject:
        complete_or_reported(subject, parallel)


@pytest.mark.product
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("offset", OFFSETS)
@PROPERTY
@given(events=schedule(MOVES), parallel=st.sampled_from(PARALLEL))
def test_no_record_of_an_incremental_read_is_lost_silently_in_any_time_zone(
    offset: int, reading: str, parallel: int, events: list[Event]
) -> None:
    with moving("accounts", *events, clock_offset=offset, window_zone=reading) as subject:
        complete_or_reported(subject, parallel, SINCE_MARCH)


@pytest.mark.product
@pytest.mark.parametrize("table", ["accounts", "payments", "journal_details"])
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("case", HARD)
def test_the_hard_cases_need_no_warning_in_any_time_zone(
    case: str, offset: int, table: str
) -> None:
    with moving(table, *HARD[case], clock_offset=offset) as subject:
        output = subject.read(parallel=4)
        each_once(output, subject)
        assert case == LATE or not reported(output, table)


def requests_of_a_quiet_load(
    changed: Sequence[timedelta], offset: int, table: str = "accounts", state: Row | None = None
) -> int:
    """The number of requests of a load without changes, shortly after rows were created.

    Args:
        changed: How long before the load each of the first rows was created.
        offset: The hours by which Younium's clock is ahead of UTC.
        table: The stream.
        state: Where the load begins.
    """
    with moving(table, clock_offset=offset) as subject:
        for row, ago in zip(subject.rows, changed, strict=False):
            stamp = subject.younium.stamp(subject.now - ago)
            row.update(subject.stamped(row["id"][:8], stamp))
        output = subject.read(4, state)
        each_once(output, subject)
        assert not output.warnings()
        return subject.requests


RECENTLY = [timedelta(minutes=minutes) for minutes in (3, 70, 200, 800)]
QUIET = -(-ROWS // PAGE_SIZE) + 1
"""The pages, and the request for changes."""


@pytest.mark.product
@pytest.mark.parametrize("latest", [0, 1, 2, 3])
@pytest.mark.parametrize("since", [None, "2024-03-01T00:00:00.000000Z"])
@pytest.mark.parametrize("table", ["accounts", "journal_details"])
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_load_without_changes_costs_the_same_in_any_time_zone(
    offset: int, table: str, since: str | None, latest: int
) -> None:
    state = {"bookmarks": {table: {"replication_key_value": since}}} if since else None
    assert requests_of_a_quiet_load(RECENTLY[latest:], offset, table, state) == QUIET


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_quiet_load_without_a_list_of_changes_reads_all_pages_but_the_last_again(
    parallel: int,
) -> None:
    """The last page then began where it did, so no record moved across its start."""
    with moving("exchange_rates") as subject:
        output = subject.read(parallel)
        each_once(output, subject)
        assert not output.warnings()
        assert subject.requests == 2 * -(-ROWS // PAGE_SIZE) - 1


@pytest.mark.parametrize("odd", [7, "yesterday", None, {"at": "2024-05-01T10:00:00"}])
def test_a_created_that_is_not_a_time_causes_no_request(odd: Any) -> None:
    with moving("accounts") as subject:
        stamp = subject.younium.stamp(subject.now - timedelta(minutes=70))
        subject.rows[0] |= {"created": odd, "modified": stamp}
        each_once(subject.read(4), subject)
        assert subject.requests == QUIET


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_resumed_load_without_changes_costs_only_its_pages(offset: int) -> None:
    """And one request for the changes since it began: the three recent rows, before its place."""
    with moving("accounts", clock_offset=offset) as subject:
        stamp = subject.younium.stamp(subject.now - timedelta(minutes=70))
        for row in subject.rows[:3]:
            row.update(subject.stamped(row["id"][:8], stamp))
        place = {"path": "/Accounts", "page": 3, "after": subject.rows[11]["id"]}
        place["started"] = "2024-06-01T00:00:00.000000Z"
        output = subject.read(4, {"bookmarks": {"accounts": {"place": place}}})
        assert len(output.records["accounts"]) == ROWS - 12 + 3
        pages = ("page 3", "page 4", "page 5", "changes", "since it began")
        assert subject.requests == len(pages)


@pytest.mark.parametrize("since", [None, "2024-03-01T00:00:00.000000Z"])
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_load_after_many_changes_costs_one_more_request(offset: int, since: str | None) -> None:
    """All rows are new, but their pages are not all read a second time."""
    state = {"bookmarks": {"accounts": {"replication_key_value": since}}} if since else None
    every_few_minutes = [timedelta(minutes=1 + 6 * number) for number in range(ROWS)]
    assert requests_of_a_quiet_load(every_few_minutes, offset, state=state) <= QUIET + 1


@pytest.mark.product
@pytest.mark.parametrize("hours", [24, 14])
@pytest.mark.parametrize("table", ["accounts", "payments"])
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_the_next_run_reads_the_changes_in_any_time_zone(
    offset: int, reading: str, table: str, hours: int
) -> None:
    """Bookmarks are times of Younium's clock, and not later than the run's start in UTC."""
    events = (Event(2, "change", 1), Event(3, "insert", 0), Event(5, "change", 7))
    with moving(table, *events, clock_offset=offset, window_zone=reading) as subject:
        first = subject.read(4)
        subject.events, subject.requests = (), 0
        for event in (Event(0, "change", 4), Event(0, "insert", 9), Event(0, "move", 12)):
            subject.now += timedelta(minutes=1)
            subject.apply(event)
        second = subject.read(4, first.state, lookback_hours=hours)
        changed = {
            row["id"] for row in subject.rows if row.get("_modified", row.get("modified")) != OLD
        }
        assert len(changed) >= 5
        assert changed <= {row["id"] for row in second.records[table]}


def test_payments_are_not_read_twice_if_another_stream_shows_the_clock() -> None:
    """They show no times: with another stream's clock, the tap requests those settled since."""
    with Younium(rows=ROWS, clock_offset=2) as younium:
        hour_ago = younium.stamp(datetime.now(UTC) - timedelta(minutes=63))
        for row in younium.rows("Payments"):
            row["paymentSettlements"] = row["paymentWriteOffs"] = None
        for row in younium.rows("Payments")[:3]:
            row["_modified"] = hour_ago
        younium.rows("Accounts")[0]["modified"] = hour_ago
        config = config_of(younium, page_size=PAGE_SIZE)
        for tables, more in ((["accounts", "payments"], 1), (["payments"], QUIET)):
            younium.clear()
            output = run(config, select=tables).well()
            assert not output.warnings()
            requests = [seen for seen in younium.requests if seen.path == "/Payments"]
            assert len(output.records["payments"]) == ROWS
            assert len(requests) <= QUIET + more


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_primary_key_with_a_quote_is_distinguished_from_others(parallel: int) -> None:
    """Codes of features are the tenant's own text."""
    with Younium(rows=25) as younium:
        rows = younium.rows("Products/productFeatures")
        for place, row in enumerate(rows):
            row["code"] = f'5" disk {place}' if place % 2 else f"5\\ disk {place}"
        output = run(
            config_of(younium, page_size=10, max_parallel_requests=parallel),
            select=["product_features"],
        ).well()
        assert sorted(row["code"] for row in output.records["product_features"]) == sorted(
            row["code"] for row in rows
        )
        assert not output.warnings("data changed during all")
