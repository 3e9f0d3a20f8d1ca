"""Detects if records came, went or moved while the pages of a query were read.

Pages are sorted by a key that never changes, but an insert moves the records after it to the next
page, and a delete moves them to the one before. Between two requests, either can hide a record.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap_younium.pagination.changes import Change, is_from
from tap_younium.pagination.deduplication import ReadRecords

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import msgspec

    from tap_younium.api.page import Page
    from tap_younium.pagination.changes import ServerClock


class DriftDetector:
    """Checks the pages of each pass over a query for consistency.

    Args:
        key: The field that identifies a record; None if there is none.

    Attributes:
        began: Younium's clock when the pass began.
        several_pages: Whether there are several pages; nothing drifts within one.
    """

    def __init__(self, key: str | None) -> None:
        self._key = key
        self._read = ReadRecords(key) if key else None
        self._known_contents: set[int] = set()

    def begin_pass(self, *, complete: bool) -> None:
        """Begin a pass, over the whole query or from a resume point on."""
        if self._read:
            self._read.begin_pass()
        self._complete = complete
        self._total_counts: set[int] = set()
        self._keyless_count = 0
        self._in_order = True
        self.several_pages = not complete
        self.began = datetime.max.replace(tzinfo=UTC)

    def check(self, page: Page) -> Page:
        """Check a page; return it without the records that were read before."""
        self.began = min(self.began, page.requested_at)
        self.several_pages = self.several_pages or (page.total_pages or 1) > 1 or page.may_have_next
        if not self.several_pages:
            return page
        if page.total_count is not None:
            self._total_counts.add(page.total_count)
        self._in_order &= bool(page.records) or not self._complete
        if not self._read:
            self._keyless_count += len(page.records)
            return page
        page, repeats = self._read.add(page)
        self._in_order &= not repeats
        return page

    @property
    def is_consistent(self) -> bool:
        """Whether the pass shows no sign of records that came, went or moved."""
        if not self.several_pages:
            return True
        if self._complete:
            return self._in_order and self._total_counts <= {self._count}
        return self._in_order and len(self._total_counts) <= 1

    @property
    def _count(self) -> int:
        return self._read.count if self._read else self._keyless_count

    @property
    def missing_count(self) -> int:
        """How many records all passes lack, by the lowest count of this pass's pages."""
        if not (self._complete and self._total_counts):
            return 0
        received = self._read.count_in_all_passes if self._read else self._keyless_count
        return max(0, min(self._total_counts) - received)

    @property
    def same_as_previous_pass(self) -> bool:
        """Whether the pass read the same records as the one before it."""
        return self._read is not None and self._read.same_as_previous_pass

    @property
    def total_count(self) -> int | None:
        """The number of records by Younium's count; None if it is unknown or changed."""
        return next(iter(self._total_counts)) if len(self._total_counts) == 1 else None

    def change(self, record: msgspec.Raw) -> Change:
        """Return what a record shows of its changes."""
        return Change.of(record, self._key or "")

    def count_inserted(self, changes: Iterable[Change], clock: ServerClock) -> int | None:
        """Return how many of the changed records are new; None if that is unknown."""
        inserted, unclear = 0, False
        for change, missed in self._since_pass_began(changes, clock):
            if change.created and is_from(clock.at(self.began), change.created):
                inserted += 1
            else:
                unclear |= missed or not change.created
        return None if unclear else inserted

    def may_have_entered(self, changes: Iterable[Change], clock: ServerClock) -> bool:
        """Return whether a changed record may have entered the window during the pass."""
        return any(self._since_pass_began(changes, clock))

    def first_seen(self, changes: Iterable[Change]) -> list[Change]:
        """Return the changes that no earlier call had: those happened before this pass."""
        new = [change for change in changes if change.content_hash not in self._known_contents]
        self._known_contents.update(change.content_hash for change in new)
        return new

    def _since_pass_began(
        self, changes: Iterable[Change], clock: ServerClock
    ) -> Iterator[tuple[Change, bool]]:
        """Yield the records that may have changed during the pass, and whether it missed them.

        The pass read any other record as it is now, or the run that it resumes did.
        """
        for change in changes:
            recent = change.newest is None or is_from(clock.at(self.began), change.newest)
            missed = not (self._read and self._read.is_read(change.key_hash))
            if recent or (missed and self._complete):
                yield change, missed
