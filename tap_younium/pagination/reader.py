"""Reads the pages of queries: in parallel, in order, each record once, and checked for drift."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from tap_younium.api.page import Page, key_of
from tap_younium.exceptions import ForbiddenError, RunError, YouniumError
from tap_younium.pagination.changes import Change, ServerClock, created_at, newest_tenth
from tap_younium.pagination.drift import DriftDetector
from tap_younium.pagination.inserted import Inserted
from tap_younium.pagination.prefetch import FirstPages
from tap_younium.timestamps import MAX_UTC_OFFSET, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from tap_younium.api.pool import RequestPool
    from tap_younium.api.query import Query

_log = logging.getLogger(__name__)

MAX_PASSES = 3
"""Passes over a query at most if records change while its pages are read."""
MANY_PAGES = 20
"""A first load of so many pages costs three more requests, to need no second pass for inserts."""
_FEW_PAGES = 3
"""This many pages of changes are read completely, whatever the time zone of their times."""


class PageReader:
    """Reads the pages of a run.

    Args:
        pool: Sends the requests.
        fetch: Fetches one page of a query; called from several threads.
    """

    def __init__(self, pool: RequestPool, fetch: Callable[[Query, int], Page]) -> None:
        self._pool = pool
        self._fetch = fetch
        self._first_pages = FirstPages(pool, fetch)
        self._kept: dict[Query, list[Page]] = {}
        self._incomplete: set[tuple[str, str | None]] = set()
        self._errors: dict[Query, YouniumError] = {}
        self._clock = ServerClock()

    def schedule(self, queries: Iterable[Query]) -> None:
        """Announce the queries to read, in order.

        The first pages of the first queries are requested at once, those of the next ones while
        rows are written.
        """
        self._first_pages.schedule(query for query in queries if query not in self._kept)

    def first_page(self, query: Query) -> Page:
        """Return the first page of a query. It is kept for `read`."""
        return self._first_pages.get(query)

    def is_forbidden(self, query: Query) -> bool:
        """Return whether Younium forbids a query. Its first page is kept for `read`."""
        try:
            self.first_page(query)
        except ForbiddenError:
            return True
        except YouniumError:
            return False
        return False

    def is_complete(self, query: Query) -> bool:
        """Return whether all records of a query have been read, as far as is known."""
        return (query.path, query.legal_entity) not in self._incomplete

    def read_early(self, query: Query) -> Iterator[Page]:
        """Yield the pages of a query like `read`, and keep them in memory for the next `read`.

        It is for small listings that discovery or another stream needs first.
        """
        self._kept[query] = list(self.read(query))
        yield from self._kept[query]

    def read(self, query: Query) -> Iterator[Page]:
        """Yield the pages of a query in order, each record once.

        A query that failed is not sent again: who reads it later gets the same error.

        Raises:
            ForbiddenError: If Younium forbids the first page.
            RetriesExhaustedError: If a request for a page failed in every try.
            YouniumError: If Younium refuses for another reason.
        """
        if query in self._errors:
            raise self._errors[query]
        begun = False
        try:
            kept = self._kept.pop(query, None)
            for page in kept or self._read_consistently(query):
                begun = True
                yield page
        except YouniumError as original:
            error = original
            if begun and isinstance(error, ForbiddenError):
                error = YouniumError(
                    f"{error} Earlier pages could be read. Look for a firewall or a changed "
                    "permission."
                )
            self._errors[query] = error
            raise error from original.__cause__

    def read_each(self, queries: Iterable[Query]) -> Iterator[tuple[Query, Iterator[Page]]]:
        """Yield many small queries, each with its pages: their first pages are fetched ahead.

        A query that fails raises its error where its pages are read; the others are unaffected.
        """
        todo = list(queries)
        results = self._pool.map_in_order(partial(self._try_first_page, query) for query in todo)
        for query, result in zip(todo, results, strict=True):
            yield query, self._pages_after(query, result)

    def _try_first_page(self, query: Query) -> Page | YouniumError:
        try:
            return self._fetch(query, 1)
        except RunError:
            raise
        except YouniumError as error:
            return error

    def _pages_after(self, query: Query, first: Page | YouniumError) -> Iterator[Page]:
        if isinstance(first, YouniumError):
            raise first
        yield from self._read_consistently(query, first)

    def _read_consistently(self, query: Query, first: Page | None = None) -> Iterator[Page]:
        """Yield pages until a pass over the query was consistent."""
        detector = DriftDetector(query.key)
        passes = MAX_PASSES if query.key else 1  # without a key, rows would be sent twice
        page = usual = first = first or self._first_pages.pop(query)
        is_consistent = False
        for number in range(1, passes + 1):
            inserted = None
            if number > 1 or (page.total_pages or 1) >= MANY_PAGES:
                inserted = self._begin_list(query, page, usual)
                first = None if inserted else first
            detector.begin_pass(
                complete=query.after is None,
                inserted=inserted,
                compare=is_consistent and query.must_be_read_twice,
            )
            alone = len(detector.pages_to_compare) + 1
            for page in self._read_once(query, first, alone):
                yield self._check(query, detector, inserted, page)
                if detector.begins_as_previous_pass:
                    return
            is_consistent, first = detector.is_consistent, None
            if inserted and detector.several_pages:
                if (yield from self._complete(query, detector, inserted)):
                    return
            elif is_consistent and not self._may_lack_records(
                query, detector, is_last=number == passes
            ):
                return
            detector.is_resumable = False
            if not (is_consistent and query.must_be_read_twice):
                query = replace(query, first_page=1, after=None)
        if missing := detector.missing_count:
            raise YouniumError(
                f"GET {query.path}: {missing:,} record(s) missing. All pages were read, but they "
                "contain fewer records than Younium counts. Run again; if it persists, report it "
                "to Younium."
            )
        self._incomplete.add((query.path, query.legal_entity))
        _log.warning(
            "GET %s%s: data changed during all %d passes; records might be missing until the next "
            "run. Run again when there is less activity.",
            query.path,
            f", legal entity {query.legal_entity!r}" if query.legal_entity else "",
            passes,
        )

    def _may_lack_records(self, query: Query, detector: DriftDetector, *, is_last: bool) -> bool:
        """Return whether a consistent pass may lack a record, by what changed since it began.

        An insert and a delete together keep the count: only the insert shows. A window of changes
        is small and any changed record may have entered it, so it is read again if one may have. An
        endpoint that lists no changes is read again until two passes read the same records, or the
        same pages up to the last one.
        """
        if not detector.several_pages:
            return False
        if query.must_be_read_twice:
            return not detector.same_as_previous_pass
        is_window = query.modified_after is not None
        if not query.supports_modified_after or (is_window and is_last):
            return False
        changes = self._changes_since(query, detector)
        if is_window:
            return detector.may_have_entered(changes, self._clock)
        return detector.count_inserted(changes, self._clock) != 0

    def _complete(
        self, query: Query, detector: DriftDetector, inserted: Inserted
    ) -> Generator[Page, None, bool]:
        """Yield the records that were inserted and that a pass lacks.

        Return whether it lacks none then. After a delete, any page may lack a record.
        """
        yield from self._continue_list(query, detector, inserted)
        return detector.none_deleted and detector.has_all()

    def _check(
        self, query: Query, detector: DriftDetector, inserted: Inserted | None, page: Page
    ) -> Page:
        """Return a page without the records that were read before, and with those it missed."""
        page = detector.check(page)
        if detector.fall and not (inserted and self._add_hidden(query, detector, page)):
            detector.is_resumable = False
        page.is_resumable = detector.is_resumable
        return page

    def _add_hidden(self, query: Query, detector: DriftDetector, page: Page) -> bool:
        """Add to a page the records that were neither on it nor on the page before it.

        If it was answered first and records were inserted in between, as many records at most have
        moved from the end of the page before it to its own beginning. Return whether that is all
        that happened: else, records were deleted.
        """
        number = page.number - 1
        while True:
            number += 1
            again = self._pool.submit(partial(self._fetch, query, number)).result()
            page.records = [*detector.unread(again), *page.records]
            page.lone_surrogates += again.lone_surrogates
            moved = (again.total_count or 0) - (page.total_count or 0)
            if moved <= (number - page.number + 1) * detector.page_size:
                return moved >= detector.fall

    def _begin_list(self, query: Query, page: Page, usual: Page) -> Inserted | None:
        """Request the newest records before a pass; None if the records of a page do not show it.

        With few pages, another pass costs as little.
        """
        if not query.is_first_load or None in map(created_at, page.records):
            return None
        inserted = Inserted(self._fetch_newest(query, 1), query.key or "", usual)
        return inserted if inserted.is_known else None

    def _continue_list(
        self, query: Query, detector: DriftDetector, inserted: Inserted
    ) -> Iterator[Page]:
        """Yield the records that were inserted since the list began and that the pass lacks."""
        for _ in range(MAX_PASSES):
            for number in count(1):
                page = self._fetch_newest(query, number)
                goes_on = inserted.add(page)
                yield from detector.hidden(page)
                if not goes_on:
                    break
            if number == 1:
                return
        inserted.is_known = False

    def _fetch_newest(self, query: Query, number: int) -> Page:
        """Return a page with the newest records first; learn the time zone from them.

        If Younium refuses this order, the page is empty, and shows nothing.
        """
        started = time.monotonic()
        try:
            page = self._fetch(replace(query, newest_first=True), number)
        except RunError:
            raise
        except YouniumError:
            return Page(number, [], datetime.now(UTC))
        elapsed = timedelta(seconds=time.monotonic() - started)
        changes = [Change.of(record, query.key or "") for record in page.records]
        self._clock.learn(changes, page.requested_at + elapsed)
        return page

    def _changes_since(self, query: Query, detector: DriftDetector) -> list[Change]:
        """Return what changed since a pass began, or may have: the time zone is unknown.

        The first question is what changed since then in any time zone. If that is much, the second
        is what changed since the newest tenth of the answer, less the duration of the pass: these
        records show Younium's clock.
        """
        started = time.monotonic()
        window_start = format_timestamp(detector.began - MAX_UTC_OFFSET)
        since = max(window_start, query.modified_after or "")
        changed = replace(query, first_page=1, after=None, modified_after=since)
        page = self._first_pages.pop(changed)
        first: Page | None = page
        if (page.total_pages or 1) > _FEW_PAGES:
            tenth = newest_tenth(map(detector.change, page.records), page.requested_at)
            later = tenth and tenth - (page.requested_at - detector.began)
            later = later or self._clock.at(detector.began)
            if format_timestamp(later) > since:
                since, first = format_timestamp(later), None
                changed = replace(changed, modified_after=since.rstrip("Z"))  # in Younium's zone
        changes: list[Change] = []
        for page in self._read_once(changed, first):
            changes += map(detector.change, page.records)
        elapsed = timedelta(seconds=time.monotonic() - started)
        self._clock.learn(changes, page.requested_at + elapsed)
        changes = detector.first_seen(changes)
        start = format_timestamp(self._clock.at(detector.began))
        if start > since and any(change.is_hidden(since) for change in changes):
            pages = self._read_once(replace(changed, modified_after=start.rstrip("Z")))
            late = {detector.change(record).key_hash for page in pages for record in page.records}
            return [change.dated(since, late) for change in changes]
        return changes

    def _read_once(self, query: Query, first: Page | None = None, alone: int = 1) -> Iterator[Page]:
        """Yield the pages of one pass. Page `alone` is requested only after those before it.

        If an endpoint takes no page parameters but counts more records than it returns, it is asked
        with page parameters. If an endpoint does not say how many pages there are, the pass ends at
        a page without new records: the endpoint may ignore page parameters.
        """
        page = first or self._first_pages.pop(query)
        total = page.total_count
        if not query.paged and total is not None and len(page.records) < total:
            query = replace(query, paged=True)
            page = self._fetch(query, 1)
        if query.after is not None:
            page = self._resume(query, page)
        last = page.total_pages or 1
        seen = _keys(query, page) if page.may_have_next else set()
        yield page
        while query.paged and (page.number < last or page.may_have_next):
            end = alone - 1 if page.number < alone - 1 else max(last, page.number + 1)
            numbers = range(page.number + 1, end + 1)
            for page in self._pool.map_in_order(
                partial(self._fetch, query, number) for number in numbers
            ):
                last = max(last, page.total_pages or 0)
                if page.total_pages is None and query.dialect == "collection":
                    new = _keys(query, page)
                    if new <= seen:
                        return
                    seen |= new
                yield page
                if not page.records:  # nothing follows an empty page, whatever the count says
                    return

    def _resume(self, query: Query, page: Page) -> Page:
        """Return the page with the record after which to resume, without the records up to it.

        It is the page where the last run ended, or one before if records were deleted since. If
        the record itself was deleted, everything is read again.
        """
        if not page.records and page.number > 1:  # there are fewer pages now
            page = self._fetch(query, 1)
            page = self._fetch(query, min(page.total_pages or 1, query.first_page))
        while True:
            keys = [key_of(record, query.key or "").decode() for record in page.records]
            if query.after in keys:
                rest = page.records[keys.index(query.after) + 1 :]
                return msgspec.structs.replace(page, records=rest)
            if page.number == 1:
                return page
            page = self._fetch(query, page.number - 1)


def requests_to_check(query: Query, pages: float) -> float:
    """Return how many requests check the pages of a query if nothing changes meanwhile."""
    if query.must_be_read_twice and pages > 1:
        return pages - 1
    if query.is_first_load and pages >= MANY_PAGES:
        return 3
    return float(query.supports_modified_after and pages > 1)


def _keys(query: Query, page: Page) -> set[bytes]:
    return {key_of(record, query.key or "") for record in page.records}
