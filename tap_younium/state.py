"""The state of a stream: its bookmark, and the point at which an interrupted read resumes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tap_younium.api.page import key_of
from tap_younium.exceptions import ConfigurationError
from tap_younium.timestamps import format_timestamp, parse_timestamp, to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_younium.api.page import Page
    from tap_younium.api.query import Query

RESUME_POINT = "place"
"""The name in the state, which earlier versions wrote as well."""
BOOKMARK = "replication_key_value"

_MAX_CLOCK_ERROR = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
"""Whether `ModifiedAfter` includes the time itself is unknown."""
_PageNumber = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class ResumePoint(msgspec.Struct, omit_defaults=True):
    """How far an interrupted read came.

    Attributes:
        path: The path that was read.
        page: The last page that was read.
        after: The key of its last record.
        started: When the read began: the bookmark may not be later.
        modified_after: The `ModifiedAfter` of the read: page numbers are valid only with it.
        newest: The newest change seen.
        version: The version of the stream's rows, if the target receives ACTIVATE_VERSION.
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


def resume_point_in(state: Mapping[str, Any]) -> ResumePoint | None:
    """Return the resume point in a state, if any."""
    return msgspec.convert(state[RESUME_POINT], ResumePoint) if RESUME_POINT in state else None


class StreamState:
    """Updates the state of a stream or a partition while it is read.

    Args:
        state: The state to update.
        resume_point: The point at which this run resumes, if it does.
        started: When the run began.
        version: The version of the stream's rows, if any.
    """

    def __init__(
        self,
        state: dict[str, Any],
        resume_point: ResumePoint | None,
        started: datetime,
        version: int | None,
    ) -> None:
        self._state = state
        self._started = resume_point.started if resume_point else format_timestamp(started)
        self._newest = resume_point.newest if resume_point else None
        self._version = version
        self._limit: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing from what was read so far."""
        return self._limit is None

    def hold_back(self, since: str | None) -> None:
        """Let the next run read a record again that is missing, or a part of it.

        The bookmark stays before its change, and an interrupted run resumes before its page.

        Args:
            since: The `own_change` of the record; None, if unknown, keeps the bookmark as it is.
        """
        moment = parse_timestamp(since)
        before = format_timestamp(moment - _ONE_SECOND) if moment else ""
        self._limit = before if self._limit is None else min(before, self._limit)

    def remove_resume_point(self) -> None:
        """Let the next run start at the bookmark."""
        self._state.pop(RESUME_POINT, None)

    def page_written(self, query: Query, page: Page, changed: str | None, read_at: str) -> None:
        """Move the resume point after a page whose rows have been written."""
        self._newest = max(filter(None, (self._newest, changed)), default=None)
        if not page.is_resumable:
            self.remove_resume_point()
        elif self.is_complete and query.key and page.records and (page.total_pages or 1) > 1:
            resume_point = ResumePoint(
                query.path,
                page.number,
                key_of(page.records[-1], query.key).decode(),
                self._started,
                query.modified_after,
                self._newest,
                self._version,
                read_at,
            )
            self._state[RESUME_POINT] = msgspec.to_builtins(resume_point)

    def finish(self, replication_key: str | None) -> None:
        """Move the bookmark after a complete read, but not past the time when the read began."""
        self._state.pop(RESUME_POINT, None)
        if self._limit is not None:
            self._newest = min(self._limit, self._newest or "")
        if replication_key and self._newest:
            bookmark = min(self._newest, self._started)
            self._state["replication_key"] = replication_key
            self._state[BOOKMARK] = max(bookmark, self._state.get(BOOKMARK) or "")


def unwrap_state(value: Any) -> dict[str, Any]:
    """Return a state, taken out of its STATE message if it is in one; `{}` is an empty state.

    Raises:
        ConfigurationError: If it has no bookmarks: the tap would silently read everything again.
    """
    if isinstance(value, dict) and value.get("type") == "STATE":
        value = value.get("value")
    if not isinstance(value, dict) or (value and "bookmarks" not in value):
        raise ConfigurationError(
            "The state has no bookmarks, so it is not a state of this tap. Use the last STATE that "
            "the target wrote, or leave the state out to read everything."
        )
    return value


def usable_state(state: Mapping[str, Any], warn: Callable[[str], object]) -> dict[str, Any]:
    """Return the usable parts of a state; streams without one are read from the start.

    Args:
        state: The state that the tap was given.
        warn: Called with a message for each part that is ignored.
    """
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        warn(
            "The bookmarks in the state are not a JSON object. All streams are read from the start."
        )
        return {}
    streams = {}
    for name, stream in bookmarks.items():
        if isinstance(stream, dict):
            streams[name] = dict(_usable_entries(name, stream, warn))
        else:
            warn(f"The state of {name} is not a JSON object. The stream is read from the start.")
    return {**state, "bookmarks": streams}


def _usable_entries(
    name: str, stream: Mapping[str, Any], warn: Callable[[str], object]
) -> Iterator[tuple[str, Any]]:
    for key, value in stream.items():
        if key == "partitions":
            yield key, list(_usable_partitions(name, value, warn))
        elif key == BOOKMARK and value is not None:
            if _is_past(value):
                yield key, to_utc(value)  # the SDK does not parse every valid form
            else:
                warn(
                    f"The bookmark of {name}, {value!r}, is not a time in the past. The stream is "
                    "read from the start."
                )
        elif key == RESUME_POINT and not _is_resume_point(value):
            warn(f"The resume point of {name} is not valid. The stream is read from its bookmark.")
        else:
            yield key, value


def _usable_partitions(
    name: str, partitions: object, warn: Callable[[str], object]
) -> Iterator[dict[str, Any]]:
    seen: list[object] = []
    for partition in partitions if isinstance(partitions, list) else ():
        context = partition.get("context") if isinstance(partition, dict) else None
        if not isinstance(context, dict) or context in seen:
            warn(f"The state of {name} contains an invalid partition, which is ignored.")
            continue
        seen.append(context)
        yield dict(_usable_entries(f"{name} {context}", partition, warn))


def _is_past(value: object) -> bool:
    """Return whether a value is a time up to now, allowing for a wrong clock."""
    moment = parse_timestamp(value)
    return moment is not None and moment < datetime.now(UTC) + _MAX_CLOCK_ERROR


def _is_resume_point(value: object) -> bool:
    try:
        point = msgspec.convert(value, ResumePoint)
    except msgspec.ValidationError:
        return False
    times = (point.started, point.newest, point.modified_after, point.read_at)
    return all(_is_past(time) for time in times if time is not None)
