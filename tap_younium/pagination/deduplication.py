"""Which records have been read, by the hash of their key: each is yielded once."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from tap_younium.pagination.changes import hash_key

if TYPE_CHECKING:
    from tap_younium.api.page import Page


class ReadRecords:
    """Remembers the records of each pass, in eight bytes per record.

    Args:
        key: The field that identifies a record.
        parallel: How many pages can be fetched at the same time: a record can move between them.
    """

    def __init__(self, key: str, parallel: int) -> None:
        self._key = key
        self._recent_pages = 2 * parallel + 2
        self._passes_before = array("Q")
        self._previous_pass = array("Q")
        self._this_pass = array("Q")
        self.begin_pass()

    def begin_pass(self) -> None:
        """Begin a pass over the query."""
        self._passes_before = array("Q", sorted([*self._passes_before, *self._this_pass]))
        self._previous_pass = self._this_pass
        self._this_pass = array("Q")
        self._pages: deque[set[int]] = deque()
        self._recent: set[int] = set()
        self._repeats = False

    def add(self, page: Page) -> tuple[Page, bool]:
        """Add a page; return it without records that were read before, and if it repeats any.

        Only repeats within this pass count. Until there is one, a first pass has nothing to remove.
        """
        hashes = [hash_key(record, self._key) for record in page.records]
        unique = set(hashes)
        repeats = len(unique) < len(hashes) or not unique.isdisjoint(self._recent)
        self._repeats |= repeats
        if self._repeats or self._passes_before:
            known = set(self._recent)
            new = []
            for record, key_hash in zip(page.records, hashes, strict=True):
                if key_hash not in known and not contains(self._passes_before, key_hash):
                    new.append(record)
                known.add(key_hash)
            page = msgspec.structs.replace(page, records=new)
        self._remember(unique - self._recent)
        return page, repeats

    def _remember(self, hashes: set[int]) -> None:
        self._this_pass.extend(hashes)
        self._pages.append(hashes)
        self._recent |= hashes
        if len(self._pages) > self._recent_pages:
            self._recent -= self._pages.popleft()

    @property
    def count(self) -> int:
        """How many records this pass has read."""
        return len(self._this_pass)

    @property
    def count_in_all_passes(self) -> int:
        """How many different records all passes have read."""
        return len({*self._passes_before, *self._this_pass})

    @property
    def same_as_previous_pass(self) -> bool:
        """Whether this pass read the same records as the one before it."""
        return sorted(self._this_pass) == sorted(self._previous_pass)

    def sorted_hashes(self) -> array[int]:
        """Return the key hashes of this pass, sorted."""
        return array("Q", sorted(self._this_pass))


def contains(hashes: array[int], key_hash: int) -> bool:
    """Return whether a sorted array contains a hash."""
    position = bisect_left(hashes, key_hash)
    return position < len(hashes) and hashes[position] == key_hash
