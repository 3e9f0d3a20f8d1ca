"""Younium's times ─▶ RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

ZONES = timedelta(hours=14)
"""How far a clock can be from UTC: zones reach from 12 hours behind it to 14 hours ahead."""

CHANGES = ("modified", "lastUpdated")
"""The fields by which a record or a part of it shows when it changed; orders have both."""
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?)?([Zz]|[+-]\d\d:?\d\d)?"
)


@lru_cache(maxsize=8192)
def to_utc(text: str) -> str | None:
    """Return a time as `2022-09-26T18:30:58.612435Z`; None if `text` is no time.

    A time without zone is read as UTC, a date is its midnight, and digits behind the sixth of the
    second's fraction are cut, for no target keeps them.
    """
    match = _TIME.fullmatch(text)
    if not match:
        return None
    date, clock, fraction, zone = match.groups(default="")
    try:
        moment = datetime.fromisoformat(f"{date}T{clock or '00:00:00'}{zone.upper() or 'Z'}")
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction}Z"


def to_bookmark(time: str) -> str:
    """Return what `to_utc` gave with six digits always, so that text sorts as time does."""
    return f"{time[:19]}.{time[20:-1]:0<6}Z"


def to_moment(value: object) -> datetime | None:
    """Return a time as an aware moment; None if the value is no time."""
    text = to_utc(value) if isinstance(value, str) else None
    return datetime.fromisoformat(text) if text else None


def from_moment(moment: datetime) -> str:
    """Return an aware moment in the form of `to_bookmark`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
