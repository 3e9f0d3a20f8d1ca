"""The business areas that group the streams in the documentation: one per module of streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tap_younium.streams import STREAMS

_TITLES: Final = {
    "accounts": "Accounts",
    "orders": "Subscriptions and sales orders",
    "quotes": "Quotes",
    "products": "Products",
    "bookings": "Bookings",
    "usage": "Usage",
    "invoices": "Invoices",
    "payments": "Payments",
    "revenue": "Revenue schedules",
    "accounting": "Accounting",
    "reference": "Reference data",
    "administration": "Users and webhooks",
}


@dataclass(frozen=True)
class Area:
    """A business area.

    Attributes:
        name: The name of its module in `tap_younium.streams`.
        title: Its title in the documentation.
        streams: Its streams, collections first.
    """

    name: str
    title: str
    streams: tuple[str, ...]


def _streams(name: str) -> tuple[str, ...]:
    return tuple(it.name for it in STREAMS if it.__module__.rpartition(".")[2] == name)


AREAS: Final = tuple(Area(name, title, _streams(name)) for name, title in _TITLES.items())


def area_of(stream: str) -> Area:
    """Return the area of a stream."""
    return next(area for area in AREAS if stream in area.streams)
