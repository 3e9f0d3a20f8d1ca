"""How far a table has been read: its bookmark, and its place in a read that did not end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tap_younium.listing import key_of
from tap_younium.times import from_moment, to_moment, to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_younium.listing import Listing, Page

PLACE = "place"
BOOKMARK = "replication_key_value"


_LATER = timedelta(days=1)
_EARLIER = timedelta(seconds=1)
"""Whether `ModifiedAfter` includes the time it names is unknown."""
_PageNumber = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class Place(msgspec.Struct, omit_defaults=True):
    """Where a read that did not end has come to.

    Attributes:
        path: The path that was being read.
        page: The page that was read last.
        after: The key of its last record.
        started: When the read began: the bookmark may not be later.
        modified_after: The window that was asked for: page numbers hold in it alone.
        newest: The newest change seen.
        version: The version of the table's rows, where the target is told of versions.
        read_at: The `_read_at` of the rows: those that a later run adds belong to the same read.
    """

    path: str
    page: _PageNumber
    after: str
    started: str
    modified_after: str | None = None
    newest: str | None = None
    version: int | None = None
    read_at: str | None = None


def place_in(state: Mapping[str, Any]) -> Place | None:
    """Return the place that a state holds, if any."""
    return msgspec.convert(state[PLACE], Place) if PLACE in state else None


class Progress:
    """Notes in a table's or a partition's state how far it has been read.

    Args:
        state: The state, to be written to.
        place: Where an earlier run has come to, if this one goes on there.
        started: When the run began.
        version: The version of the table's rows, if any.
    """

    def __init__(
        self, state: dict[str, Any], place: Place | None, started: datetime, version: int | None
    ) -> None:
        self._state = state
        self._started = place.started if place else from_moment(started)
        self._newest = place.newest if place else None
        self._version = version
        self._limit: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing of what was read so far is missing."""
        return self._limit is None

    def hold_back(self, changed: str | None) -> None:
        """Have the next run read a record again of which something is missing.

        The bookmark stays before its change, and an interrupted run goes on before its page.

        Args:
            changed: When the record changed; None, where unknown, keeps the bookmark as it is.
        """
        moment = to_moment(changed)
        before = from_moment(moment - _EARLIER) if moment else ""
        self._limit = before if self._limit is None else min(before, self._limit)

    def forget_place(self) -> None:
        """Have the next run begin at the bookmark."""
        self._state.pop(PLACE, None)

    def note(self, listing: Listing, page: Page, changed: str | None, read_at: str) -> None:
        """Note that a page's rows have been written."""
        self._newest = max(filter(None, (self._newest, changed)), default=None)
        if self.complete and listing.key and page.records and (page.pages or 1) > 1:
            place = Place(
                listing.path,
                page.number,
                key_of(page.records[-1], listing.key).decode(),
                self._started,
                listing.modified_after,
                self._newest,
                self._version,
                read_at,
            )
            self._state[PLACE] = msgspec.to_builtins(place)

    def end(self, replication_key: str | None) -> None:
        """Move the bookmark of a table read to its end, never past the beginning of the read."""
        self._state.pop(PLACE, None)
        if self._limit is not None:
            self._newest = min(self._limit, self._newest or "")
        if replication_key and self._newest:
            bookmark = min(self._newest, self._started)
            self._state["replication_key"] = replication_key
            self._state[BOOKMARK] = max(bookmark, self._state.get(BOOKMARK) or "")


def sound(state: Mapping[str, Any], warn: Callable[[str], object]) -> dict[str, Any]:
    """Return what of a state can be relied on; the tables concerned are read from their beginning.

    Args:
        state: A state as it was given to the tap.
        warn: Told of each part that is left out.
    """
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        warn("The state's bookmarks are no object: all tables are read from their beginning.")
        return {}
    tables = {}
    for name, table in bookmarks.items():
        if isinstance(table, dict):
            tables[name] = dict(_sound_table(name, table, warn))
        else:
            warn(f"The state of {name} is no object: it is read from its beginning.")
    return {**state, "bookmarks": tables}


def _sound_table(
    name: str, table: Mapping[str, Any], warn: Callable[[str], object]
) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if key == "partitions":
            yield key, list(_sound_partitions(name, value, warn))
        elif key == BOOKMARK and value is not None:
            if _is_past(value):
                yield key, to_utc(value)  # the SDK cannot parse each form that this is right in
            else:
                warn(f"The bookmark of {name}, {value!r}, is not a past time: it is read in full.")
        elif key == PLACE and not _is_place(value):
            warn(f"The state of {name} tells no place to go on at: it begins at its bookmark.")
        else:
            yield key, value


def _sound_partitions(
    name: str, partitions: object, warn: Callable[[str], object]
) -> Iterator[dict[str, Any]]:
    seen: list[object] = []
    for partition in partitions if isinstance(partitions, list) else ():
        context = partition.get("context") if isinstance(partition, dict) else None
        if not isinstance(context, dict) or context in seen:
            warn(f"The state of {name} holds a partition that can't be told: it is left out.")
            continue
        seen.append(context)
        yield dict(_sound_table(f"{name} {context}", partition, warn))


def _is_past(value: object) -> bool:
    """Say whether a value is a time up to now, give or take a clock that is set wrong."""
    moment = to_moment(value)
    return moment is not None and moment < datetime.now(UTC) + _LATER


def _is_place(value: object) -> bool:
    try:
        place = msgspec.convert(value, Place)
    except msgspec.ValidationError:
        return False
    times = (place.started, place.newest, place.modified_after, place.read_at)
    return all(_is_past(time) for time in times if time is not None)
