"""The records that were inserted since a moment, by lists of all records with the newest first.

One page of such a list has Younium's count and the newest records at the same moment. So two of
them show what was inserted in between and whether any record was deleted, however fast records are
inserted and whatever the time zone of Younium's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_younium.pagination.changes import created_at, hash_key

if TYPE_CHECKING:
    from datetime import datetime

    import msgspec

    from tap_younium.api.page import Page


class Inserted:
    """Collects the records that were inserted since a first page with the newest records.

    Later lists begin with page 1 and go on to a page with a record that is known. If that is not
    page 1, records may have been inserted meanwhile: another list shows them.

    Args:
        first: The first page.
        key: The field that identifies a record.
        usual: The first page in the usual order, which Younium may give in any case.

    Attributes:
        first_count: Younium's count of all records when the first page was read; 0 if unknown.
        count: The same when page 1 of the last list was read.
        hashes: The hashes of the keys of the records that were inserted in between.
        is_known: Whether the lists show it: they are sorted, and no delete moved their records.
    """

    def __init__(self, first: Page, key: str, usual: Page) -> None:
        self._key = key
        hashes, usual_hashes = self._hashes(first), self._hashes(usual)
        self._existing = set(hashes)
        self._known: set[int] = set()
        self.hashes: set[int] = set()
        self.first_count = self.count = self._last_count = first.total_count or 0
        times = [created_at(record) for record in first.records]
        self._oldest = times[-1] if times else None
        self.is_known = bool(first.total_count) and _is_sorted(times)
        self.is_known &= times[:1] != times[-1:]  # else, they can be in any order
        shared = [hashed for hashed in hashes if hashed in usual_hashes]
        if 2 * len(shared) >= len(hashes):  # a short page can be sorted by chance
            self.is_known &= shared != [hashed for hashed in usual_hashes if hashed in shared]

    def add(self, page: Page) -> bool:
        """Add the next page of a list; return whether the list goes on."""
        if page.number == 1:
            self._known = self._existing | self.hashes
            self.count = self._last_count = page.total_count or 0
        count = page.total_count or 0
        self.is_known &= count >= self._last_count
        self.is_known &= _is_sorted([created_at(record) for record in page.records])
        self._last_count = count
        hashes = self._hashes(page)
        known = [position for position, hashed in enumerate(hashes) if hashed in self._known]
        self.hashes.update(set(hashes[: known[-1] if known else None]) - self._existing)
        may_go_on = len(self.hashes) <= self.count - self.first_count
        return self.is_known and not known and may_go_on

    def contains(self, record: msgspec.Raw) -> bool | None:
        """Return whether a record was inserted, also if it is deleted; None if unknown."""
        created = created_at(record)
        if created is None or self._oldest is None:
            return None
        return created > self._oldest and hash_key(record, self._key) not in self._existing

    def _hashes(self, page: Page) -> list[int]:
        return [hash_key(record, self._key) for record in page.records]

    @property
    def none_deleted(self) -> bool:
        """Whether no record was deleted that existed before."""
        return self.is_known and self.count - self.first_count == len(self.hashes)


def _is_sorted(times: list[datetime | None]) -> bool:
    """Return whether times are in descending order, and all are known."""
    known = [time for time in times if time]
    return len(known) == len(times) > 0 and known == sorted(known, reverse=True)
