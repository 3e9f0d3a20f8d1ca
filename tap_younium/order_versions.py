"""Orders: a changed order is a new version, and the version before it is no longer listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_younium.child import ParentRequestStream
from tap_younium.exceptions import ForbiddenError, YouniumError
from tap_younium.records.columns import LAST_MODIFIED
from tap_younium.state import BOOKMARK
from tap_younium.timestamps import format_timestamp, own_change

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from singer_sdk.helpers.types import Context

    from tap_younium.api.page import Page
    from tap_younium.api.query import Query
    from tap_younium.records.columns import Row
    from tap_younium.state import StreamState


class VersionedOrderStream(ParentRequestStream):
    """The latest version of each order, and older versions that an earlier run can have read.

    Each version has its own `id`, and the collection lists only the latest. The row of an older
    version would keep `isLastVersion`, so its current state is requested.
    """

    replication_key = LAST_MODIFIED
    parent_field = "orderNumber"
    child_order_by = child_key = "version"

    def begin_entity(self, context: Context | None, state: StreamState | None) -> None:
        """Prepare to read a legal entity, including superseded versions."""
        point = self.resume_point(context)
        self._read_since = point.started if point else format_timestamp(self.run.started)
        if self._given_state(context).get(BOOKMARK):
            self._read_since = ""
        super().begin_entity(context, state)

    def _rows_of(self, page: Page, tap_columns: Row) -> Generator[Row, None, str | None]:
        newest = yield from super()._rows_of(page, tap_columns)
        if self.config["superseded_versions"] and self._may_supersede(newest):
            orders: dict[Query, Row] = {}
            since: dict[Query, str | None] = {}
            for order, changed in self.converter.records(page):
                query = self._child_query(order.get(self.parent_field), tap_columns)
                is_changed = order.get(self.parent_field) and _version(order, 2) > 1
                if is_changed and self._may_supersede(changed) and query not in self._requested:
                    orders[query], since[query] = order, own_change(order)
            yield from self._read_parents(
                since, lambda query, pages: self._older_rows(orders[query], pages, tap_columns)
            )
        return newest

    def _may_supersede(self, changed: str | None) -> bool:
        """Return whether an earlier version of an order may have been read before this change.

        In a first load, only since that began: nothing was read before.
        """
        return (changed or "") >= self._read_since

    def _older_rows(self, latest: Row, pages: Iterator[Page], tap_columns: Row) -> Iterator[Row]:
        """Yield the rows of the versions before the latest one.

        Whether a version keeps the `id` of the one before is unknown: if it does, its row has
        replaced that one's.
        """
        found = [
            (version, changed, page)
            for page in pages
            for version, changed in self.converter.records(page)
            if version.get("id") != latest.get("id")
            and _version(version, 0) <= _version(latest, _version(version, 0))
        ]
        for version, changed, page in sorted(found, key=lambda it: _version(it[0], 0)):
            columns = tap_columns | {LAST_MODIFIED: changed}
            yield from self.converter.row(version, columns, page, None)

    def check_result(self) -> None:
        """Fail if superseded versions are forbidden."""
        try:
            super().check_result()
        except ForbiddenError as error:
            raise YouniumError(
                f"Superseded versions cannot be read. {error} Grant the token's user the "
                "permission, or set superseded_versions to false."
            ) from error


def _version(order: Row, default: int) -> int:
    version = order.get("version")
    return version if isinstance(version, int) else default
