"""Which records have been read, by the hash of their key: each is yielded once."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import msgspec

from tap_younium.pagination.changes import hash_key
from tap_younium.pagination.marks import Marks

if TYPE_CHECKING:
    from tap_younium.api.page import Page


class ReadRecords:
    """Remembers the last pass that read each record.

    Args:
        key: The field that identifies a record.

    Attributes:
        count: How many records this pass has read.
        pages: A hash of each page that this pass has read: of its records and of Younium's count.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._marks = Marks()
        self._pass = 0
        self.count = self._previous_count = self._read_again = 0
        self.pages = array("q")

    def begin_pass(self) -> None:
        """Begin a pass over the query; there can be three."""
        self._pass += 1
        self._previous_count, self.count, self._read_again = self.count, 0, 0
        self.pages = array("q")

    def add(self, page: Page) -> tuple[Page, bool]:
        """Add a page; return it without records that were read before, and if it repeats any.

        Only repeats within this pass count.
        """
        hashes = [hash_key(record, self._key) for record in page.records]
        self.pages.append(hash((page.total_count, *hashes)))
        new = []
        repeats = False
        for record, hashed in zip(page.records, hashes, strict=True):
            last_pass = self._marks.set(hashed, self._pass)
            if last_pass == self._pass:
                repeats = True
                continue
            self.count += 1
            self._read_again += last_pass == self._pass - 1 > 0
            if not last_pass:
                new.append(record)
        if len(new) < len(page.records):
            page = msgspec.structs.replace(page, records=new)
        return page, repeats

    def is_read(self, key_hash: int) -> bool:
        """Return whether this pass has read a record."""
        return self._marks[key_hash] == self._pass

    @property
    def count_in_all_passes(self) -> int:
        """How many different records all passes have read."""
        return len(self._marks)

    @property
    def same_as_previous_pass(self) -> bool:
        """Whether this pass read the same records as the one before it."""
        return self.count == self._previous_count == self._read_again
