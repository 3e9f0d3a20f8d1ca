"""Pages of a first load that Younium answers in another order than they are read."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import msgspec
import pytest

from tap_younium.api.page import Page
from tap_younium.api.pool import RequestPool
from tap_younium.api.query import Query
from tap_younium.pagination.reader import PageReader

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGES, SIZE = 30, 10
NOW = datetime(2026, 4, 1, tzinfo=UTC)
QUERY = Query("/Accounts", supports_modified_after=True)


class Younium:
    """Answers some pages from the rows as they were before an insert, although read after it.

    Args:
        early: The pages that are answered before the page in front of them, with an insert at the
            start of the rows in between.
    """

    def __init__(self, early: Iterable[int], pages: int = PAGES) -> None:
        numbers = range(1000, 1000 + pages * SIZE)
        self.rows = [(f"{number:06}", number * 7919 % 100_000) for number in numbers]
        self.early = set(early)
        self.answered: dict[int, Page] = {}
        self.asked: list[int] = []
        self.is_listed = False
        self.inserted = count()

    def fetch(self, query: Query, number: int) -> Page:
        if query.newest_first:
            self.is_listed = True  # the pages are requested after it
            return self.page(number, sorted(self.rows, key=lambda row: -row[1]))
        if query.modified_after:
            return self.page(number, [row for row in self.rows if row[1] > 100_000])
        self.asked.append(number)
        if self.is_listed and number + 1 in self.early:
            self.early.remove(number + 1)
            self.answered[number + 1] = self.page(number + 1, self.rows)
            inserted = next(self.inserted)
            self.rows.insert(0, (f"{999 - inserted:06}", 200_000 + inserted))
        return self.answered.pop(number, None) or self.page(number, self.rows)

    @staticmethod
    def page(number: int, rows: list[tuple[str, int]]) -> Page:
        records = [
            msgspec.Raw(msgspec.json.encode({"id": key, "created": NOW + timedelta(seconds=age)}))
            for key, age in rows[(number - 1) * SIZE : number * SIZE]
        ]
        return Page(number, records, NOW, -(-len(rows) // SIZE), len(rows))


def read(younium: Younium) -> list[Page]:
    with closing(RequestPool(1)) as pool:
        return list(PageReader(pool, younium.fetch).read(QUERY))


@pytest.mark.parametrize("early", [[2], [5], [30], [4, 5, 6], [7, 20]])
def test_a_record_between_pages_that_are_answered_out_of_order_is_read(early: list[int]) -> None:
    younium = Younium(early)
    keys = [msgspec.json.decode(record)["id"] for page in read(younium) for record in page.records]
    assert sorted(keys) == [key for key, _ in younium.rows]
    assert len(younium.asked) <= 1.2 * PAGES
    again = Counter(younium.asked) - Counter(range(1, PAGES + 2))
    assert again.keys() <= {1, *early}


def test_the_pages_are_read_again_before_inserts_move_their_records_on() -> None:
    """At the end of the load, forty inserts have moved them on by four pages."""
    pages = 400
    younium = Younium(range(10, pages, 10), pages)
    keys = [msgspec.json.decode(record)["id"] for page in read(younium) for record in page.records]
    assert sorted(keys) == [key for key, _ in younium.rows]
    assert len(younium.asked) <= 1.12 * pages


def test_a_run_cannot_resume_after_records_that_no_page_had() -> None:
    pages = read(Younium([5]))
    extra = [page for page in pages if not page.is_resumable]
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert pages[-len(extra) :] == extra != []
