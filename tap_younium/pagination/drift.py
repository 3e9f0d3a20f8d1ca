"""Detects if records came, went or moved while the pages of a query were read.

Pages are sorted by a key that never changes, but an insert moves the records after it to the next
page, and a delete moves them to the one before. Between two requests, either can hide a record.
"""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from tap_younium.pagination.changes import Change, hash_key, is_from
from tap_younium.pagination.deduplication import ReadRecords

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_younium.api.page import Page
    from tap_younium.pagination.changes import ServerClock
    from tap_younium.pagination.inserted import Inserted


class DriftDetector:
    """Checks the pages of each pass over a query for consistency.

    Args:
        key: The field that identifies a record; None if there is none.

    Attributes:
        began: Younium's clock when the pass began.
        several_pages: Whether there are several pages; nothing drifts within one.
        is_resumable: Whether a run can resume after the last page.
        fall: By how much the count of the last page is lower than that of the page before it.
        page_size: How many records a page has.
        pages_to_compare: Hashes of the pages with which this pass must begin to be like the one
            before it. The last page is not one of them: it began where the page before it ended.
    """

    def __init__(self, key: str | None) -> None:
        self._key = key
        self._read = ReadRecords(key) if key else None
        self._known_contents: set[int] = set()
        self.is_resumable = True

    def begin_pass(
        self, *, complete: bool, inserted: Inserted | None = None, compare: bool = False
    ) -> None:
        """Begin a pass, over the whole query or from a resume point on.

        Args:
            complete: Whether it is over the whole query.
            inserted: What is inserted from now on, if that can be known.
            compare: Whether to compare its pages with those of the pass before.
        """
        self.pages_to_compare = self._pages_to_compare() if compare else array("q")
        if self._read:
            self._read.begin_pass()
        self._complete = complete
        self._inserted = inserted
        self._read_inserted: set[int] = set()
        self._total_counts: set[int] = set()
        self._last_count = 0
        self._page_number = 0
        self.page_size = 1
        self.fall = 0
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
        self._follow_count(page)
        self._note_inserted(page)
        self._in_order &= bool(page.records) or not self._complete
        if not self._read:
            self._keyless_count += len(page.records)
            return page
        page, repeats = self._read.add(page)
        self._in_order &= not repeats
        return page

    def _follow_count(self, page: Page) -> None:
        """Note Younium's count.

        If it falls, records were deleted, or inserted and the later page was answered first.
        """
        self._page_number = page.number
        self._total_pages = page.total_pages or page.number + 1
        self.page_size = max(self.page_size, len(page.records))
        self.fall = 0
        if page.total_count is not None:
            self.fall = max(0, self._last_count - page.total_count)
            self._total_counts.add(page.total_count)
            self._last_count = page.total_count

    def _note_inserted(self, page: Page) -> None:
        """Note which records of a page were inserted: they can be deleted again."""
        inserted = self._inserted
        if inserted is None or page.total_count == inserted.first_count:
            return
        for record in page.records:
            is_inserted = inserted.contains(record)
            inserted.is_known &= is_inserted is not None
            if is_inserted:
                self._read_inserted.add(hash_key(record, self._key or ""))

    def unread(self, page: Page) -> list[msgspec.Raw]:
        """Return the records of a page that no pass has read."""
        self._note_inserted(page)
        return self._read.add(page)[0].records if self._read else []

    def hidden(self, page: Page) -> Iterator[Page]:
        """Yield the records of a page that no pass has read, if any, as a page of their own."""
        if records := self.unread(page):
            self._page_number += 1
            yield msgspec.structs.replace(
                page, number=self._page_number, records=records, is_resumable=False
            )

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
    def none_deleted(self) -> bool:
        """Whether no record was deleted: Younium's count then never falls.

        A record that was created long ago and is inserted now, as an import can be, is not among
        the newest: the list of these alone would not show that it replaced another one.
        """
        inserted = self._inserted
        return (
            inserted is not None
            and inserted.none_deleted
            and all(inserted.first_count <= count <= inserted.count for count in self._total_counts)
        )

    def has_all(self) -> bool:
        """Whether the pass read each record that exists, if none was deleted.

        The records that it read, except those that were inserted and deleted again, are then among
        those that exist. So it read all if it read as many.
        """
        inserted = self._inserted
        return (
            inserted is not None
            and self._count == inserted.count
            and self._read_inserted <= inserted.hashes
        )

    @property
    def missing_count(self) -> int:
        """How many records all passes lack, by the lowest count of this pass's pages."""
        if not (self._complete and self._total_counts):
            return 0
        received = self._read.count_in_all_passes if self._read else self._keyless_count
        return max(0, min(self._total_counts) - received)

    def _pages_to_compare(self) -> array[int]:
        """Return all pages of the pass if there was an empty one after them, else all but one."""
        pages = self._read.pages if self._read else array("q")
        return pages[: min(len(pages), self._total_pages - 1)]

    @property
    def begins_as_previous_pass(self) -> bool:
        """Whether the pass has read the pages to compare, and they are the same."""
        return bool(self.pages_to_compare) and (
            self._read is not None and self._read.pages == self.pages_to_compare
        )

    @property
    def same_as_previous_pass(self) -> bool:
        """Whether the pass read the same records as the one before it."""
        return self._read is not None and self._read.same_as_previous_pass

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
