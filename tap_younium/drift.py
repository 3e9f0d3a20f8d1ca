"""Records come and go while pages are read: what was sent, and whether one may have slipped.

Pages stand on a sort by a key that never changes, but an insert moves what is behind it to the next
page, and a delete to the one before. With pages in parallel either can hide a record.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tap_younium.listing import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_younium.listing import Page


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
        self.began = min(self.began, page.asked - timedelta(seconds=1))  # `Date` has no fraction
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
    def repeated(self) -> bool:
        """Whether a pass brought the same records as the one before it, no more and no fewer."""
        return sorted(self._marks) == sorted(self._before)

    @property
    def count(self) -> int | None:
        """How many records there were, if Younium said so and no page differed."""
        return next(iter(self._counts)) if len(self._counts) == 1 else None

    def inserted(self, changes: Sequence[msgspec.Raw], since: str) -> int | None:
        """Return how many of the changed records are new; None if it can't be told.

        What an earlier pass was told of has come before this one began.
        """
        seen = array("Q", sorted(self._marks)) if changes else self._sent
        new, unclear = 0, False
        for record in changes:
            state = hash(bytes(record))
            if state in self._told:
                continue
            self._told.add(state)
            created = _decode_created(record).created
            if created is not None and created >= since[:19]:
                new += 1
            elif created is None or not _holds(seen, _mark(record, self._key or "")):
                unclear = True
        return None if unclear else new


def _mark(record: msgspec.Raw, key: str) -> int:
    """Return eight bytes that stand for a record."""
    return hash(key_of(record, key)) & 0xFFFF_FFFF_FFFF_FFFF


class _Created(msgspec.Struct):
    created: str | None = None


_decode_created = msgspec.json.Decoder(_Created).decode


def _holds(marks: array[int], mark: int) -> bool:
    place = bisect_left(marks, mark)
    return place < len(marks) and marks[place] == mark
