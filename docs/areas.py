"""The business areas that the documentation sorts the tables by: a module of streams each."""

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
        title: What a page calls it.
        tables: Its tables, collections first.
    """

    name: str
    title: str
    tables: tuple[str, ...]


def _tables(name: str) -> tuple[str, ...]:
    return tuple(it.name for it in STREAMS if it.__module__.rpartition(".")[2] == name)


AREAS: Final = tuple(Area(name, title, _tables(name)) for name, title in _TITLES.items())


def area_of(table: str) -> Area:
    """Return the area of a table."""
    return next(area for area in AREAS if table in area.tables)
