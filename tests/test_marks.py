"""What the tap remembers of each record and of each parent costs at most 16 bytes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from random import Random

import msgspec

from tap_younium.api.page import Page
from tap_younium.api.query import Query
from tap_younium.child import RequestedQueries
from tap_younium.pagination.deduplication import ReadRecords
from tap_younium.pagination.marks import Marks

MANY = 200_000
MAX_BYTES = 16


def size_of(value: object) -> int:
    """The bytes that a value takes with all that it holds."""
    held = [*value.keys(), *value.values()] if isinstance(value, dict) else []
    return sys.getsizeof(value) + sum(
        map(size_of, [*held, *getattr(value, "__dict__", {}).values()])
    )


def page(number: int, size: int = 100) -> Page:
    first = number * size
    records = [
        msgspec.Raw(b'{"id":"%d"}' % identifier) for identifier in range(first, first + size)
    ]
    return Page(number, records, datetime.now(UTC))


def test_three_passes_over_many_records_cost_at_most_16_bytes_each() -> None:
    read = ReadRecords("id")
    for _ in range(3):
        read.begin_pass()
        for number in range(MANY // 100):
            read.add(page(number))
    assert read.same_as_previous_pass
    assert read.count == read.count_in_all_passes == MANY
    assert size_of(read) / MANY <= MAX_BYTES


def test_many_requested_parents_cost_at_most_16_bytes_each() -> None:
    queries = RequestedQueries()
    queries.update(Query(f"/Subscriptions/{number}/versions") for number in range(MANY))
    assert size_of(queries) / MANY <= MAX_BYTES


def test_marks_are_those_of_a_dictionary() -> None:
    draw = Random(1)  # noqa: S311 - keeps no secret
    marks, expected = Marks(), dict[int, int]()
    for _ in range(20_000):
        hashed, number = draw.randrange(-5_000, 5_000) << 50, draw.randint(1, 3)
        assert marks.set(hashed, number) == expected.get(hashed, 0)
        expected[hashed] = number
        asked = draw.randrange(-5_000, 5_000) << 50
        assert marks[asked] == expected.get(asked, 0)
    assert len(marks) == len(expected)


def test_a_query_is_requested_once() -> None:
    queries = RequestedQueries()
    one, another = Query("/Orders/1"), Query("/Orders/1", legal_entity="Nordic AB")
    queries.update([one])
    assert one in queries
    assert another not in queries


def test_a_pass_reads_each_record_once_and_shows_which_it_read() -> None:
    read = ReadRecords("id")
    read.begin_pass()
    new, repeats = read.add(page(0))
    assert (len(new.records), repeats) == (100, False)
    assert not read.same_as_previous_pass
    read.begin_pass()
    new, repeats = read.add(page(0, 101))
    assert ([*map(bytes, new.records)], repeats) == ([b'{"id":"100"}'], False)
    assert read.add(page(0))[1]
    assert (read.count, read.count_in_all_passes) == (101, 101)
    assert not read.same_as_previous_pass
