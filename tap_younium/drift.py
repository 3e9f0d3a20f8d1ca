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

if TYPE_CHECKING:
    from tap_younium.listing import Page


class Watch:
    """Notices what moves while a listing is read, and tells records sent from records new.

    It keeps eight bytes for each record, and only where there are several pages.
    """

    def __init__(self, key: str | None, parallel: int) -> None:
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
        self._read = 0
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
        self._ordered &= bool(page.records)
        if not self._key:
            self._read += len(page.records)
            return page
        new, fresh = set(), []
        for record in page.records:
            mark = _mark(record, self._key)
            if mark in new or any(mark in marks for marks in self._recent):
                self._ordered = False
                continue
            new.add(mark)
            if not _holds(self._sent, mark):
                fresh.append(record)
        self._marks.extend(new)
        self._read += len(new)
        self._recent.append(new)
        return msgspec.structs.replace(page, records=fresh)

    def steady(self) -> bool:
        """Say whether the pass shows no sign of records that came, went or moved."""
        counted = not self._counts or self._counts == {self._read}
        return not self.several or (self._ordered and counted)

    def moved_by(self, changes: Page, since: str, *, windowed: bool) -> bool:
        """Say whether changes during the pass can have moved other records between its pages.

        A change of what was read moves nothing, unless the listing shows changed records only: then
        it may have entered meanwhile.
        """
        seen = array("Q", sorted(self._marks))
        return any(
            windowed
            or not _holds(seen, _mark(record, self._key or ""))
            or (_decode_created(record).created or "") >= since[:19]
            for record in changes.records
        )


def _mark(record: msgspec.Raw, key: str) -> int:
    """Return eight bytes that stand for a record."""
    return hash(_key_text(bytes(record), key)) & 0xFFFF_FFFF_FFFF_FFFF


class _Created(msgspec.Struct):
    created: str | None = None


_decode_created = msgspec.json.Decoder(_Created).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _key_text(record: bytes, key: str) -> bytes:
    """Return a record's key as JSON; without decoding it where, as always seen, it comes first.

    A record without the key is its own.
    """
    start = b'{"%b":"' % key.encode()
    if record.startswith(start):
        return record[len(start) : record.index(b'"', len(start))]
    try:
        return bytes(_decode_fields(record).get(key, record)).strip(b'"')
    except msgspec.ValidationError:
        return record


def _holds(marks: array[int], mark: int) -> bool:
    place = bisect_left(marks, mark)
    return place < len(marks) and marks[place] == mark
