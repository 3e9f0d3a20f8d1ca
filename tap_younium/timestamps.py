"""Timestamps of Younium, which have no time zone, and their form in records: RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_UTC_OFFSET = timedelta(hours=14)
"""The largest offset of a time zone: offsets range from -12 to +14 hours."""

CHANGE_FIELDS = ("modified", "lastUpdated")
"""The fields in which a record, or an object in it, shows its last change; orders have both."""
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?)?([Zz]|[+-]\d\d:?\d\d)?"
)


@lru_cache(maxsize=8192)
def to_utc(text: str) -> str | None:
    """Return a timestamp as `2022-09-26T18:30:58.612435Z`; None if `text` is not a timestamp.

    A timestamp without a zone is taken as UTC, and a date as its midnight. Digits after
    microseconds are dropped: no target stores them.
    """
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        return None
    date, clock, fraction, zone = match.groups(default="")
    try:
        moment = datetime.fromisoformat(f"{date}T{clock or '00:00:00'}{zone.upper() or 'Z'}")
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction}Z"


def to_sortable(timestamp: str) -> str:
    """Return the result of `to_utc` padded to microseconds, so that text sorts as time does."""
    return f"{timestamp[:19]}.{timestamp[20:-1]:0<6}Z"


def parse_timestamp(value: object) -> datetime | None:
    """Return a timestamp as an aware datetime; None if the value is not a timestamp."""
    text = to_utc(value) if isinstance(value, str) else None
    return datetime.fromisoformat(text) if text else None


def format_timestamp(moment: datetime) -> str:
    """Return an aware datetime in the format of `to_sortable`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def own_change(record: Mapping[str, Any]) -> str | None:
    """Return the oldest change that a record shows of itself, in the format of `to_sortable`.

    `ModifiedAfter` with an earlier time lists the record, whichever of its times Younium compares:
    those of the objects in it can be newer, and not all of them are compared.
    """
    texts = filter(None, map(record.get, CHANGE_FIELDS))
    times = (to_utc(text) for text in texts if isinstance(text, str))
    return min(map(to_sortable, filter(None, times)), default=None)
