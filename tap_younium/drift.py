"""Records come and go while pages are read: what was sent, and whether one may have slipped.

Pages stand on a sort by a key that never changes, but an insert moves what is behind it to the next
page, and a delete to the one before. With pages in parallel either can hide a record.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from tap_younium.listing import key_of
from tap_younium.times import ZONES, to_moment

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from tap_younium.listing import Page

_QUARTER = timedelta(minutes=15)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_INEXACT = timedelta(seconds=5)
"""How exact clocks are: `Date` has no fraction, and a database has a clock of its own."""


class Watch:
    """Notices what moves while a listing is read, and tells records sent from records new.

    It keeps eight bytes for each record, and only where there are several pages.
    """

    def __init__(self, key: str | None, parallel: int) -> None:
        self._key = key
        self._marks = array("Q")
        self._sent: array[int] = array("Q")
        self._span = 2 * parallel + 2
        self._told: set[int] = set()
        self.begin()

    def begin(self, *, whole: bool = True) -> None:
        """Begin a pass, over the whole listing or from the middle on."""
        self._whole = whole
        self._sent = array("Q", sorted([*self._sent, *self._marks]))
        self._before = self._marks
        self._marks = array("Q")
        self._pages: deque[set[int]] = deque()
        self._recent: set[int] = set()
        self._counts: set[int] = set()
        self._read = 0
        self._ordered = True
        self.several = not whole
        self.began = datetime.max.replace(tzinfo=UTC)

    def take(self, page: Page) -> Page:
        """Return a page's records that were not handed on before."""
        self.began = min(self.began, page.asked)
        self.several = self.several or (page.pages or 1) > 1 or page.more
        if not self.several:
            return page
        if page.count is not None:
            self._counts.add(page.count)
        self._ordered &= bool(page.records) or not self._whole
        if not self._key:
            self._read += len(page.records)
            return page
        marks = [_mark(record, self._key) for record in page.records]
        new = set(marks)
        if len(new) < len(marks) or not new.isdisjoint(self._recent):
            self._ordered = False
        if not self._ordered or self._sent:
            page = self._fresh(page, marks)
        self._remember(new)
        return page

    def _fresh(self, page: Page, marks: Iterable[int]) -> Page:
        """Return a page without the records that were handed on before."""
        known = set(self._recent)
        fresh = []
        for record, mark in zip(page.records, marks, strict=True):
            if mark not in known and not _holds(self._sent, mark):
                fresh.append(record)
            known.add(mark)
        return msgspec.structs.replace(page, records=fresh)

    def _remember(self, new: set[int]) -> None:
        """Note a page's records: all for a second pass, and the last pages' to see repeats."""
        new -= self._recent
        self._read += len(new)
        self._marks.extend(new)
        self._pages.append(new)
        self._recent |= new
        if len(self._pages) > self._span:
            self._recent -= self._pages.popleft()

    def steady(self) -> bool:
        """Say whether the pass shows no sign of records that came, went or moved."""
        counted = self._counts <= {self._read} if self._whole else len(self._counts) <= 1
        return not self.several or (self._ordered and counted)

    @property
    def missing(self) -> int:
        """How many records fewer came, in all passes, than each page said there are."""
        if not (self._whole and self._counts):
            return 0
        came = len({*self._sent, *self._marks}) if self._key else self._read
        return max(0, min(self._counts) - came)

    @property
    def repeated(self) -> bool:
        """Whether a pass brought the same records as the one before it, no more and no fewer."""
        return sorted(self._marks) == sorted(self._before)

    @property
    def count(self) -> int | None:
        """How many records there were, if Younium said so and no page differed."""
        return next(iter(self._counts)) if len(self._counts) == 1 else None

    def change(self, record: msgspec.Raw) -> Change:
        """Return what a record shows of its changes."""
        return Change.of(record, self._key or "")

    def inserted(self, changes: Iterable[Change], clock: Clock) -> int | None:
        """Return how many of the changed records are new; None if that is not known."""
        new, unclear = 0, False
        for change, missed in self._news(changes, clock):
            if change.created and _is_from(clock.at(self.began), change.created):
                new += 1
            else:
                unclear |= missed or not change.created
        return None if unclear else new

    def entered(self, changes: Iterable[Change], clock: Clock) -> bool:
        """Say whether one of the changed records may have come into a window meanwhile."""
        return any(self._news(changes, clock))

    def first_seen(self, changes: Iterable[Change]) -> list[Change]:
        """Return the changes that no earlier answer held: those came before this pass."""
        news = [change for change in changes if change.state not in self._told]
        self._told.update(change.state for change in news)
        return news

    def _news(self, changes: Iterable[Change], clock: Clock) -> Iterator[tuple[Change, bool]]:
        """Yield the records that may have changed during the pass, and whether it missed them.

        Any other was read as it is, or by the run that this one continues.
        """
        read = array("Q", sorted(self._marks))
        for change in changes:
            recent = change.newest is None or _is_from(clock.at(self.began), change.newest)
            missed = not _holds(read, change.mark)
            if recent or (missed and self._whole):
                yield change, missed


class Change(NamedTuple):
    """A record that changed lately.

    Attributes:
        mark: Stands for the record.
        state: Stands for its content.
        created: When it was created, by Younium's clock; None if it does not show.
        newest: The newest change that it shows at any level; None if nobody knows when it was.
    """

    mark: int
    state: int
    created: datetime | None
    newest: datetime | None

    @classmethod
    def of(cls, record: msgspec.Raw, key: str) -> Self:
        """Return what a record shows of its changes."""
        content = bytes(record)
        times = [to_moment(time.decode()) for time in _find_times(content)]
        newest = max(filter(None, times), default=None)
        return cls(_mark(record, key), hash(content), _created(record), newest)

    def is_hidden(self, since: str) -> bool:
        """Say whether it shows no change that explains why it was listed; prices show none.

        A day may count as a whole.
        """
        return self.newest is None or self.newest.isoformat()[:10] < since[:10]

    def dated(self, since: str, late: Container[int]) -> Self:
        """Return the same; what hides its change, changed long ago unless it is in `late`."""
        if not self.is_hidden(since):
            return self
        return self._replace(newest=None if self.mark in late else _LONG_AGO)


class Clock:
    """What a run has learned of Younium's clock, whose times have no zone.

    Attributes:
        ahead: By how much it is ahead of UTC, or less: no record shows a change later than the
            moment at which it is read, and each zone is a multiple of a quarter of an hour.
    """

    def __init__(self) -> None:
        self.ahead = -ZONES

    def at(self, moment: datetime) -> datetime:
        """Return what it shows at a moment in UTC, or an earlier time."""
        return moment + self.ahead

    def learn(self, changes: Iterable[Change], now: datetime) -> None:
        """Learn from records that were all read before a moment in UTC."""
        now += _INEXACT
        if times := _plausible(changes, now):
            self.ahead = max(self.ahead, -((now - times[-1]) // _QUARTER) * _QUARTER)


def _is_from(start: datetime, time: datetime) -> bool:
    """Say whether a time is not before another, also if it was cut to the second."""
    return time >= (start if time.microsecond else start.replace(microsecond=0))


def newest_tenth(changes: Iterable[Change], now: datetime) -> datetime | None:
    """Return when, by Younium's clock, the newest tenth of some records began to change."""
    times = _plausible(changes, now)
    return times[-1 - len(times) // 10] - _INEXACT if times else None


def _plausible(changes: Iterable[Change], now: datetime) -> list[datetime]:
    """Return the newest time of each record, in order, without those that no zone explains."""
    return sorted(
        change.newest for change in changes if change.newest and change.newest <= now + ZONES
    )


def _mark(record: msgspec.Raw, key: str) -> int:
    """Return eight bytes that stand for a record."""
    return hash(key_of(record, key)) & 0xFFFF_FFFF_FFFF_FFFF


def _created(record: msgspec.Raw) -> datetime | None:
    try:
        return to_moment(_decode_created(record).created)
    except msgspec.MsgspecError:
        return None


class _Created(msgspec.Struct):
    created: Any = None


_decode_created = msgspec.json.Decoder(_Created).decode
_find_times = re.compile(rb'"(?:created|modified)"\s*:\s*"([^"\\]*)"').findall


def _holds(marks: array[int], mark: int) -> bool:
    place = bisect_left(marks, mark)
    return place < len(marks) and marks[place] == mark
