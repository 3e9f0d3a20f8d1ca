"""A collection's pages: each asked for once a run, several at a time, handed on in order.

Pages stand on a sort by id, but records still come and go while they are read: `_Watch` notices,
and the collection is read again until a pass is steady.
"""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from zlib import compress, decompress

import msgspec

from tap_younium.errors import PassingError
from tap_younium.times import from_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from tap_younium.workers import Workers

_log = logging.getLogger(__name__)

PASSES = 3
"""How often a collection is read at the most when records slip between its pages."""


@dataclass(frozen=True)
class Listing:
    """What is asked of one collection. Equal listings have equal pages.

    Attributes:
        path: The collection's path.
        legal_entity: Whose records; None where none is set.
        key: The field that tells records apart, and that pages are sorted by.
        modified_after: The earliest change to list, in ISO 8601; None lists all.
        paged: Whether the path takes page parameters at all.
        tracked: Whether the path takes `ModifiedAfter`.
    """

    path: str
    legal_entity: str | None = None
    key: str = "id"
    modified_after: str | None = None
    paged: bool = True
    tracked: bool = False


class Page(msgspec.Struct):
    """One page of a listing, its records undecoded.

    Attributes:
        number: Its number, from 1.
        records: The records, as JSON.
        asked: Younium's clock when the page was asked for.
        pages: How many pages Younium says there are; None where it does not say.
        count: How many records, likewise.
        more: Whether there may be a page behind the last.
    """

    number: int
    records: list[msgspec.Raw]
    asked: datetime
    pages: int | None = None
    count: int | None = None
    more: bool = False


class _Counts(msgspec.Struct, rename="camel", kw_only=True):
    total_pages: int | None = None
    total_count: int | None = None
    page_number: int | None = None
    page_size: int | None = None
    next_page: str | None = None


class _Records(_Counts, rename="camel"):
    data: list[msgspec.Raw] | None = None


class _SingleRecord(_Counts, rename="camel"):
    data: dict[str, msgspec.Raw]


_decode_records = msgspec.json.Decoder(_Records).decode
_decode_single = msgspec.json.Decoder(_SingleRecord).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


def parse(body: bytes, number: int, asked: datetime) -> Page:
    """Return the page that a body holds: an array, or an object with `data`.

    Raises:
        PassingError: If it holds no page. What is cut, or made by a proxy, may be whole next time.
    """
    try:
        body.decode()  # msgspec does not look inside what it leaves undecoded
        if body.lstrip()[:1] == b"[":
            return Page(number, _decode_array(body), asked)
        answer: _Records | _SingleRecord
        try:
            answer = _decode_records(body)
            records = answer.data
        except msgspec.ValidationError:
            answer = _decode_single(body)  # six schemas type `data` as one object
            records = [msgspec.Raw(msgspec.json.encode(answer.data))]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PassingError(f"no page of records in {len(body)} bytes: {error}") from error
    counted = answer.total_pages is not None or answer.total_count is not None
    if records is None and not counted and answer.page_number is None:
        raise PassingError(f"no page of records in {len(body)} bytes: `data` is missing")
    records = records or []
    pages = answer.total_pages
    if pages is None and answer.total_count is not None:
        pages = ceil(answer.total_count / (answer.page_size or len(records) or 1))
    more = answer.next_page is not None or (bool(records) and not counted)
    return Page(number, records, asked, pages, answer.total_count, more)


class Pages:
    """The pages of a run.

    Args:
        workers: Who sends the requests.
        ask: Sends the request for one page; called by several threads at once.
        plan: What the run's tables will read, in their order; a listing that several tables read
            is named once for each.
    """

    def __init__(
        self,
        workers: Workers,
        ask: Callable[[Listing, int], Page],
        plan: Iterable[Listing],
    ) -> None:
        self._workers = workers
        self._ask = ask
        self._readers = Counter(plan)
        self._ahead: deque[Listing] = deque(self._readers)
        self._first_pages: dict[Listing, Future[Page]] = {}
        self._spools: dict[Listing, _Spool] = {}

    def read(self, listing: Listing) -> Iterator[Page]:
        """Yield a listing's pages in order, each record once.

        Raises:
            YouniumError: If Younium refuses.
            PassingError: If a page did not come in several tries.
        """
        self._readers[listing] -= 1
        last_reader = self._readers[listing] <= 0
        spool = self._spools.get(listing)
        if spool:
            yield from spool
        elif last_reader:
            yield from self._steady(listing)
        else:
            spool = _Spool()
            for page in self._steady(listing):
                spool.add(page)
                yield page
            self._spools[listing] = spool
        if last_reader and spool:
            self._spools.pop(listing, spool).close()

    def _steady(self, listing: Listing) -> Iterator[Page]:
        """Yield pages until a pass over the listing was steady."""
        watch = _Watch(listing.key, self._workers.number)
        for _ in range(PASSES):
            watch.begin()
            for page in self._once(listing):
                yield watch.take(page)
            if watch.steady() and not self._slipped(listing, watch):
                return
        _log.warning(
            "%s kept changing while it was read %d times. A record may be missing until the next "
            "run: run again at a quieter hour.",
            listing.path,
            PASSES,
        )

    def _slipped(self, listing: Listing, watch: _Watch) -> bool:
        """Ask what changed since the pass began, and say whether a record may have slipped."""
        if not (listing.tracked and watch.several):
            return False
        since = from_moment(watch.began)
        changes = self._once(replace(listing, modified_after=since))
        windowed = listing.modified_after is not None
        moved = [watch.moved_by(page, since, windowed=windowed) for page in changes]
        return any(moved)

    def _once(self, listing: Listing) -> Iterator[Page]:
        """Yield the pages of one pass."""
        page = self._first_page(listing)
        last = page.pages or 1
        yield page
        while listing.paged and (page.number < last or page.more) and page.records:
            numbers = range(page.number + 1, max(last, page.number + 1) + 1)
            for page in self._workers.in_order(self._asks(listing, numbers)):
                last = max(last, page.pages or 0)
                yield page

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
        while self._ahead and len(self._first_pages) < self._workers.number - 1:
            upcoming = self._ahead.popleft()
            self._first_pages[upcoming] = self._submit(upcoming)
        return future.result()

    def _submit(self, listing: Listing) -> Future[Page]:
        return self._workers.submit(partial(self._ask, listing, 1))


class _Watch:
    """Notices what moves while a listing is read, and tells records sent from records new.

    It keeps eight bytes for each record, and only where there are several pages.
    """

    def __init__(self, key: str, parallel: int) -> None:
        self._key = key
        self._marks = array("Q")
        self._sent: array[int] = array("Q")
        self._recent: deque[set[int]] = deque(maxlen=2 * parallel + 2)
        self.begin()

    def begin(self) -> None:
        """Begin a pass."""
        self._sent = array("Q", sorted([*self._sent, *self._marks]))
        self._marks = array("Q")
        self._recent.clear()
        self._counts: set[int] = set()
        self._ordered = True
        self.several = False
        self.began = datetime.min.replace(tzinfo=UTC)

    def take(self, page: Page) -> Page:
        """Return a page's records that were not handed on before."""
        if page.number == 1:
            self.began = page.asked - timedelta(seconds=1)  # `Date` counts whole seconds
            self.several = (page.pages or 1) > 1 or page.more
        if not self.several:
            return page
        if page.count is not None:
            self._counts.add(page.count)
        if not page.records:
            self._ordered = False
        new, fresh = set(), []
        for record in page.records:
            mark = self._mark(record)
            if mark in new or any(mark in marks for marks in self._recent):
                self._ordered = False
                continue
            new.add(mark)
            self._marks.append(mark)
            if not _holds(self._sent, mark):
                fresh.append(record)
        self._recent.append(new)
        return msgspec.structs.replace(page, records=fresh)

    def steady(self) -> bool:
        """Say whether the pass shows no sign of records that came, went or moved."""
        counted = not self._counts or self._counts == {len(self._marks)}
        return not self.several or (self._ordered and counted)

    def moved_by(self, changes: Page, since: str, *, windowed: bool) -> bool:
        """Say whether changes during the pass can have moved other records between its pages.

        A change of what was read moves nothing, unless the listing shows changed records only: then
        it may have entered meanwhile.
        """
        seen = array("Q", sorted(self._marks))
        return any(
            windowed
            or not _holds(seen, self._mark(record))
            or (_decode_created(record).created or "") >= since[:19]
            for record in changes.records
        )

    def _mark(self, record: msgspec.Raw) -> int:
        return hash(_key_text(bytes(record), self._key)) & 0xFFFF_FFFF_FFFF_FFFF


class _Created(msgspec.Struct):
    created: str | None = None


_decode_created = msgspec.json.Decoder(_Created).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _key_text(record: bytes, key: str) -> bytes:
    """Return a record's key as JSON; without decoding it where, as always seen, it comes first."""
    start = b'{"%b":"' % key.encode()
    if record.startswith(start):
        return record[len(start) : record.index(b'"', len(start))]
    try:
        return bytes(_decode_fields(record).get(key, b"")).strip(b'"')
    except msgspec.ValidationError:
        return record


def _holds(marks: array[int], mark: int) -> bool:
    place = bisect_left(marks, mark)
    return place < len(marks) and marks[place] == mark


class _Spool:
    """Pages kept for the next table that reads them: compressed, in a file without a name.

    The file is gone with the process, however that ends.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(prefix="tap-younium-")  # noqa: SIM115 - see close
        self._sizes: list[int] = []

    def add(self, page: Page) -> None:
        """Keep a page."""
        packed = compress(msgspec.json.encode(page), 1)
        self._sizes.append(len(packed))
        self._file.write(packed)

    def __iter__(self) -> Iterator[Page]:
        self._file.seek(0)
        for size in self._sizes:
            yield _decode_page(decompress(self._file.read(size)))

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


_decode_page = msgspec.json.Decoder(Page).decode
