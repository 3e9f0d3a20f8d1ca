"""When records changed, as they show it: by Younium's clock, whose time zone is unknown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from tap_younium.api.page import key_of
from tap_younium.timestamps import MAX_UTC_OFFSET, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_OFFSET_STEP = timedelta(minutes=15)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CLOCK_ERROR = timedelta(seconds=5)
"""The precision of clocks: `Date` has no fraction, and the database has its own clock."""


class Change(NamedTuple):
    """A record that changed recently.

    Attributes:
        key_hash: Identifies the record.
        content_hash: Identifies its content.
        created: When it was created, by Younium's clock; None if it does not show it.
        newest: The newest change that it shows at any level; None if the time is unknown.
    """

    key_hash: int
    content_hash: int
    created: datetime | None
    newest: datetime | None

    @classmethod
    def of(cls, record: msgspec.Raw, key: str) -> Self:
        """Return what a record shows of its changes."""
        content = bytes(record)
        times = [parse_timestamp(time.decode()) for time in _find_times(content)]
        newest = max(filter(None, times), default=None)
        return cls(hash_key(record, key), hash(content), created_at(record), newest)

    def is_hidden(self, since: str) -> bool:
        """Return whether it shows no change since a time although it was listed.

        A change of prices does not show. A date may stand for the whole day.
        """
        return self.newest is None or self.newest.isoformat()[:10] < since[:10]

    def dated(self, since: str, late: Container[int]) -> Self:
        """Return the change; a hidden one is long ago, unless its `key_hash` is in `late`."""
        if not self.is_hidden(since):
            return self
        return self._replace(newest=None if self.key_hash in late else _LONG_AGO)


class ServerClock:
    """What a run has learned of the time zone of Younium's timestamps.

    Attributes:
        offset: The offset from UTC, or less: no record shows a change after the moment at which it
            was read, and time zones differ by multiples of a quarter of an hour.
    """

    def __init__(self) -> None:
        self.offset = -MAX_UTC_OFFSET

    def at(self, moment: datetime) -> datetime:
        """Return what the clock shows at a moment in UTC, or an earlier time."""
        return moment + self.offset

    def learn(self, changes: Iterable[Change], now: datetime) -> None:
        """Learn from records that were all read before a moment in UTC."""
        now += _CLOCK_ERROR
        if times := _plausible(changes, now):
            offset = -((now - times[-1]) // _OFFSET_STEP) * _OFFSET_STEP
            self.offset = max(self.offset, offset)


def is_from(start: datetime, time: datetime) -> bool:
    """Return whether a time is not before `start`, also if it was truncated to the second."""
    return time >= (start if time.microsecond else start.replace(microsecond=0))


def newest_tenth(changes: Iterable[Change], now: datetime) -> datetime | None:
    """Return when, by Younium's clock, the newest tenth of some records began to change."""
    times = _plausible(changes, now)
    return times[-1 - len(times) // 10] - _CLOCK_ERROR if times else None


def hash_key(record: msgspec.Raw, key: str) -> int:
    """Return a number that identifies a record."""
    return hash(key_of(record, key))


def _plausible(changes: Iterable[Change], now: datetime) -> list[datetime]:
    """Return the newest times of changes, sorted, without those that no time zone explains."""
    return sorted(
        change.newest
        for change in changes
        if change.newest and change.newest <= now + MAX_UTC_OFFSET
    )


def created_at(record: msgspec.Raw) -> datetime | None:
    """Return when a record was created, by Younium's clock; None if it does not show it."""
    try:
        return parse_timestamp(_decode_created(record).created)
    except msgspec.MsgspecError:
        return None


class _Created(msgspec.Struct):
    created: Any = None


_decode_created = msgspec.json.Decoder(_Created).decode
_find_times = re.compile(rb'"(?:created|modified)"\s*:\s*"([^"\\]*)"').findall
