"""Orders: a changed one is a new version, and the one before it is no longer listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_younium.client import PerParentStream
from tap_younium.errors import ForbiddenError, YouniumError
from tap_younium.rows import CHANGED
from tap_younium.state import BOOKMARK
from tap_younium.times import from_moment

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_younium.listing import Listing, Page
    from tap_younium.rows import Row


class OrderStream(PerParentStream):
    """The latest version of each order, and what an earlier run can have read as the latest.

    Each version has an `id` of its own, and the collection lists the latest only: what was read of
    an older one would still say `isLastVersion`. So Younium is asked what it says of it now.
    """

    incremental = True
    field = "orderNumber"
    order_by = tells_apart = "version"

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the rows of one legal entity, with the versions that were replaced."""
        place = self._place(context)
        self._since = place.started if place else from_moment(self._tap.started)
        if self._state_of(context).get(BOOKMARK):
            self._since = ""
        yield from super().get_records(context)

    def _rows_of(self, page: Page, own: Row) -> Generator[Row, None, str | None]:
        newest = yield from super()._rows_of(page, own)
        if self.config["superseded_versions"] and self._can_supersede(newest):
            orders: dict[Listing, Row] = {}
            changes: dict[Listing, str | None] = {}
            for order, change in self.rows.records(page):
                asked = self._detail(order.get(self.field), own)
                replaced = order.get(self.field) and _number(order, 2) > 1
                if replaced and self._can_supersede(change) and asked not in self._asked:
                    orders[asked], changes[asked] = order, change
            yield from self._each(
                changes, lambda asked, pages: self._older(orders[asked], pages, own)
            )
        return newest

    def _can_supersede(self, changed: str | None) -> bool:
        """Say whether an order that changed then can have been read in its version before.

        In a first load only since that began: nothing was read before.
        """
        return (changed or "") >= self._since

    def _older(self, latest: Row, answers: Iterator[Page], own: Row) -> Iterator[Row]:
        """Yield the versions before the latest, as Younium has them now.

        Whether a version keeps the `id` of the one before is unknown: where it does, its row has
        taken the place of that one's.
        """
        found = [
            (version, changed, answer)
            for answer in answers
            for version, changed in self.rows.records(answer)
            if version.get("id") != latest.get("id")
            and _number(version, 0) <= _number(latest, _number(version, 0))
        ]
        for version, changed, answer in sorted(found, key=lambda it: _number(it[0], 0)):
            yield from self.rows.row(version, own | {CHANGED: changed}, answer, changed)

    def _after_pages(self) -> None:
        try:
            super()._after_pages()
        except ForbiddenError as error:
            raise YouniumError(
                f"Versions that were replaced cannot be read. {error} Grant the token's user the "
                "permission, or set superseded_versions to false."
            ) from error


def _number(order: Row, absent: int) -> int:
    version = order.get("version")
    return version if isinstance(version, int) else absent
