"""A listing's pages: each asked for once a run, several at a time, handed on in order."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from zlib import compress, decompress

import msgspec

from tap_younium.drift import Clock, Watch, newest_tenth
from tap_younium.errors import ForbiddenError, RunError, YouniumError
from tap_younium.listing import Page, key_of
from tap_younium.times import ZONES, from_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from tap_younium.drift import Change
    from tap_younium.listing import Listing
    from tap_younium.workers import Workers

_log = logging.getLogger(__name__)

_IN_MEMORY = 1024 * 1024
"""Bytes of kept pages that need no file."""
_FEW_PAGES = 3
"""How many pages of changes are read whole, whatever the zone of their times."""
PASSES = 3
"""How often a listing is read at the most when records slip between its pages."""


class Pages:
    """The pages of a run.

    Args:
        workers: Who sends the requests.
        ask: Sends the request for one page; called by several threads at once.
    """

    def __init__(self, workers: Workers, ask: Callable[[Listing, int], Page]) -> None:
        self._workers = workers
        self._ask = ask
        self._readers: Counter[Listing] = Counter()
        self._ahead: deque[Listing] = deque()
        self._first_pages: dict[Listing, Future[Page]] = {}
        self._spools: dict[Listing, _Spool] = {}
        self._unsteady: set[tuple[str, str | None]] = set()
        self._failed: dict[Listing, YouniumError] = {}
        self._clock = Clock()

    def expect(self, listings: Iterable[Listing]) -> None:
        """Say what will be read, in order; a listing once for each table that reads it.

        Its pages are kept until the last of them has read it. The first pages of what comes first
        are asked for at once, those of what comes next while a table is being written.
        """
        for listing in listings:
            if listing not in self._readers:
                self._ahead.append(listing)
            self._readers[listing] += 1
        self._look_ahead(self._workers.number)

    def peek(self, listing: Listing) -> Page:
        """Return a listing's first page, which stays there to be read."""
        if listing not in self._first_pages:
            self._first_pages[listing] = self._submit(listing)
        return self._first_pages[listing].result()

    def is_forbidden(self, listing: Listing) -> bool:
        """Say whether Younium forbids a listing. Its first page stays there to be read."""
        try:
            self.peek(listing)
        except ForbiddenError:
            return True
        except YouniumError:
            return False
        return False

    def close(self) -> None:
        """Let go of threads and of the pages that were kept."""
        self._workers.close()
        while self._spools:
            self._spools.popitem()[1].close()

    def read(self, listing: Listing) -> Iterator[Page]:
        """Yield a listing's pages in order, each record once.

        A listing that failed is not asked for again: those that read it later fail alike.

        Raises:
            ForbiddenError: If Younium forbids it, as its first page shows.
            GaveUpError: If a page did not come in several tries.
            YouniumError: If Younium refuses for another reason.
        """
        self._readers[listing] -= 1
        if listing in self._failed:
            raise self._failed[listing]
        begun = False
        try:
            for page in self._kept_or_asked(listing):
                begun = True
                yield page
        except YouniumError as refused:
            error = refused
            if begun and isinstance(error, ForbiddenError):
                error = YouniumError(
                    f"{error} Pages before it could be read: look for a firewall or a changed "
                    "permission."
                )
            self._failed[listing] = error
            raise error from refused.__cause__

    def _kept_or_asked(self, listing: Listing) -> Iterator[Page]:
        last_reader = self._readers[listing] <= 0
        spool = self._spools.get(listing)
        if spool:
            yield from spool
        elif last_reader:
            yield from self._steady(listing)
        else:
            yield from self._spooled(listing)
        if last_reader and spool:
            self._spools.pop(listing).close()

    def is_whole(self, listing: Listing) -> bool:
        """Say whether all records of a listing have been read, as far as can be told."""
        return (listing.path, listing.legal_entity) not in self._unsteady

    def _spooled(self, listing: Listing) -> Iterator[Page]:
        """Yield a listing's pages and keep them for its next readers, once all were read."""
        with ExitStack() as unless_whole:
            spool = _Spool()
            unless_whole.callback(spool.close)
            for page in self._steady(listing):
                spool.add(page)
                yield page
            unless_whole.pop_all()
            self._spools[listing] = spool

    def each(self, listings: Iterable[Listing]) -> Iterator[tuple[Listing, Iterator[Page]]]:
        """Yield many small listings, each with its pages: their first pages are asked for ahead.

        A listing that fails does so when its pages are read; the others do not.
        """
        todo = list(listings)
        firsts = self._workers.in_order(partial(self._first_of, listing) for listing in todo)
        for listing, first in zip(todo, firsts, strict=True):
            yield listing, self._from(listing, first)

    def _first_of(self, listing: Listing) -> Page | YouniumError:
        try:
            return self._ask(listing, 1)
        except RunError:
            raise
        except YouniumError as error:
            return error

    def _from(self, listing: Listing, first: Page | YouniumError) -> Iterator[Page]:
        if isinstance(first, YouniumError):
            raise first
        yield from self._steady(listing, first)

    def _steady(self, listing: Listing, first: Page | None = None) -> Iterator[Page]:
        """Yield pages until a pass over the listing was steady."""
        watch = Watch(listing.key, self._workers.number)
        passes = PASSES if listing.key else 1  # without a key, a second pass would send rows twice
        for number in range(1, passes + 1):
            watch.begin(whole=listing.after is None)
            for page in self._once(listing, first):
                yield watch.take(page)
            steady, first = watch.steady(), None
            if steady and not self._slipped(listing, watch, again=number < passes):
                return
            if not (steady and listing.silent):
                listing = replace(listing, first=1, after=None)
        if watch.missing:
            raise YouniumError(
                f"GET {listing.path}: {watch.missing:,} of the records that Younium counts did not "
                "come, though its pages were read to their end. Run again; if it stays, report it "
                "to Younium."
            )
        self._unsteady.add((listing.path, listing.legal_entity))
        _log.warning(
            "%s%s kept changing while it was read (%d times). A record may be missing until the "
            "next run: run again when there is less activity.",
            listing.path,
            f" of {listing.legal_entity}" if listing.legal_entity else "",
            passes,
        )

    def _slipped(self, listing: Listing, watch: Watch, *, again: bool) -> bool:
        """Ask what changed since the pass began, and say whether a record may have slipped.

        Counts that stay the same hide an insert beside a delete: what was inserted and the count
        afterwards show it. A window of changes is small, and any change may have entered it: it is
        simply read again, if it may be. So is what tells no changes, until it stays the same.
        """
        if not watch.several:
            return False
        if listing.silent:
            return not watch.repeated
        window = listing.modified_after is not None
        if not listing.tracked or (window and not again):
            return False
        changes = self._changes(listing, watch)
        if window:
            return watch.entered(changes, self._clock)
        inserted = watch.inserted(changes, self._clock)
        if not inserted:
            return inserted is None
        count = self._ask(replace(listing, first=1, after=None), 1).count
        since_then = watch.inserted(self._changes(listing, watch), self._clock)
        return since_then != 0 or watch.count is None or count != watch.count + inserted

    def _changes(self, listing: Listing, watch: Watch) -> list[Change]:
        """Return what changed since a pass began, and what may have: Younium's times have no zone.

        So the question is what changed since then in any zone. If that is a lot, it is what changed
        since the newest tenth of the first page, less the time that the pass took: these records
        show Younium's clock.
        """
        started = time.monotonic()
        since = max(from_moment(watch.began - ZONES), listing.modified_after or "")
        question = replace(listing, first=1, after=None, modified_after=since)
        page = self._first_page(question)
        first: Page | None = page
        if (page.pages or 1) > _FEW_PAGES:
            tenth = newest_tenth(map(watch.change, page.records), page.asked)
            later = tenth and tenth - (page.asked - watch.began)
            later = later or self._clock.at(watch.began)
            if from_moment(later) > since:
                since, first = from_moment(later), None
                question = replace(question, modified_after=since.rstrip("Z"))  # by its own clock
        changes: list[Change] = []
        for page in self._once(question, first):
            changes += map(watch.change, page.records)
        self._clock.learn(changes, page.asked + timedelta(seconds=time.monotonic() - started))
        changes = watch.first_seen(changes)
        start = from_moment(self._clock.at(watch.began))
        if start > since and any(change.is_hidden(since) for change in changes):
            pages = self._once(replace(question, modified_after=start.rstrip("Z")))
            late = {watch.change(record).mark for page in pages for record in page.records}
            return [change.dated(since, late) for change in changes]
        return changes

    def _once(self, listing: Listing, first: Page | None = None) -> Iterator[Page]:
        """Yield the pages of one pass.

        A list that takes no page parameters, but says that it holds more, is asked for with them.
        One that tells no number of pages ends at a page that brings nothing new: it may ignore
        them.
        """
        page = first or self._first_page(listing)
        if not listing.paged and page.count is not None and len(page.records) < page.count:
            listing = replace(listing, paged=True)
            page = self._ask(listing, 1)
        if listing.after is not None:
            page = self._go_back(listing, page)
        last = page.pages or 1
        seen = _keys(listing, page) if page.more else set()
        yield page
        while listing.paged and (page.number < last or page.more):
            numbers = range(page.number + 1, max(last, page.number + 1) + 1)
            for page in self._workers.in_order(self._asks(listing, numbers)):
                last = max(last, page.pages or 0)
                if page.pages is None and listing.dialect == "collection":
                    new = _keys(listing, page)
                    if new <= seen:
                        return
                    seen |= new
                yield page
                if not page.records:  # there is nothing behind the end, whatever was said before
                    return

    def _go_back(self, listing: Listing, page: Page) -> Page:
        """Return the page that holds the record to go on behind, without what comes up to it.

        It is the page where the last run ended, or one before if records are gone since; if the
        record itself is gone, all are read again.
        """
        if not page.records and page.number > 1:  # the listing has become shorter
            page = self._ask(listing, 1)
            page = self._ask(listing, min(page.pages or 1, listing.first))
        while True:
            keys = [key_of(record, listing.key or "").decode() for record in page.records]
            if listing.after in keys:
                rest = page.records[keys.index(listing.after) + 1 :]
                return msgspec.structs.replace(page, records=rest, more=page.more)
            if page.number == 1:
                return page
            page = self._ask(listing, page.number - 1)

    def _asks(self, listing: Listing, numbers: range) -> Iterator[Callable[[], Page]]:
        for number in numbers:
            yield partial(self._ask, listing, number)

    def _first_page(self, listing: Listing) -> Page:
        """Return page 1, asked for ahead if it could be, and have the next tables' asked for."""
        future = self._first_pages.pop(listing, None)
        if listing in self._ahead:
            while self._ahead.popleft() != listing:
                pass
        future = future or self._submit(listing)
        self._look_ahead(self._workers.number - 1)
        return future.result()

    def _look_ahead(self, number: int) -> None:
        while self._ahead and len(self._first_pages) < number:
            upcoming = self._ahead.popleft()
            if upcoming not in self._first_pages:
                self._first_pages[upcoming] = self._submit(upcoming)

    def _submit(self, listing: Listing) -> Future[Page]:
        return self._workers.submit(partial(self._ask, listing, listing.first))


def _keys(listing: Listing, page: Page) -> set[bytes]:
    return {key_of(record, listing.key or "") for record in page.records}


class _Spool:
    """Pages kept, compressed, for the next table that reads them: many of them in a file.

    The file has no name and is gone with the process, however that ends.
    """

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._room = _IN_MEMORY
        self._file: IO[bytes] | None = None
        self._sizes: list[int] = []
        self._late: list[bytes] = []

    def add(self, page: Page) -> None:
        """Keep a page."""
        packed = compress(msgspec.json.encode(page), 1)
        if self._late:
            self._late.append(packed)
            return
        self._room -= len(packed)
        if self._room < 0 and self._file is None:
            with suppress(OSError):  # no folder is writable: memory takes all
                self._file = TemporaryFile(prefix="tap-younium-")  # noqa: SIM115 - see close
        if self._file is None:
            self._kept.append(packed)
            return
        try:
            self._file.write(packed)
            self._file.flush()
            self._sizes.append(len(packed))
        except OSError:  # the folder is full: memory takes the rest
            self._late.append(packed)

    def __iter__(self) -> Iterator[Page]:
        for packed in self._kept:
            yield _decode_page(decompress(packed))
        if self._file is not None:
            self._file.seek(0)
            for size in self._sizes:
                yield _decode_page(decompress(self._file.read(size)))
        for packed in self._late:
            yield _decode_page(decompress(packed))

    def close(self) -> None:
        """Let go of the pages."""
        self._kept.clear()
        self._late.clear()
        if self._file is not None:
            self._file.close()


_decode_page = msgspec.json.Decoder(Page).decode
