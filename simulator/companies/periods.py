"""What of an order is billed on which day: each charge, in advance, for periods of the order."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from simulator.filling import Row, after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

_YEAR: Final = 12


class Part(NamedTuple):
    """What a bill has of one charge; a charge that does not recur has no service period."""

    product: Row
    charge: Row
    subtotal: Decimal
    first: str | None = None
    last: str | None = None


class Bill(NamedTuple):
    """What an invoice has of its order.

    Attributes:
        day: the date of the invoice.
        credits: the day of the bill that this one takes a part back of.
    """

    day: str
    order: Row
    parts: list[Part]
    credits: str | None = None


def charges(order: Row) -> list[tuple[Row, Row]]:
    """The products of an order, each with one of its charges."""
    return [(product, charge) for product in order["products"] for charge in product["charges"]]


def billing_period(number: int) -> tuple[str, int]:
    """How often an order is billed, and how many months that is."""
    return {0: ("Quarterly", 3), 7: ("Biannual", 6)}.get(number % 10, ("Annual", _YEAR))


def bills(order: Row, months: int) -> Iterator[Bill]:
    """The bills of a subscription by day, without an end unless it has one."""
    sold, start = charges(order), order["effectiveStartDate"]
    for nth in count():
        first, last = (after(start, months * nth), after(start, months * (nth + 1), days=-1))
        if first > order.get("effectiveEndDate", first):
            return
        days = {charge["effectiveStartDate"] for _, charge in sold}
        found = [
            Bill(day, order, _debits(sold, first, day, last, after(start, months * (nth - 1))))
            for day in sorted({first} | {day for day in days if first < day <= last})
        ]
        found += _credits(order, sold, first, last)
        yield from sorted((bill for bill in found if bill.parts), key=lambda bill: bill.day)


def billed_until(start: str, months: int, ends: str | None, as_of: str) -> str:
    """The first day that the bills of an order up to a day do not cover."""
    periods = (after(start, months * nth) for nth in count(1))
    billed = next(day for day in periods if day > as_of)
    return min(billed, after(ends, days=1)) if ends else billed


def months_of(first: str, last: str) -> int:
    """The whole months of a period, of which both days are a part."""
    start, end = (datetime.fromisoformat(day) for day in (first, after(last, days=1)))
    return _YEAR * (end.year - start.year) + end.month - start.month


def _debits(
    sold: list[tuple[Row, Row]], first: str, day: str, last: str, before: str
) -> list[Part]:
    """The parts of a bill: on the first day of a period, or when a charge starts within it."""
    parts = []
    for product, charge in sold:
        starts = charge["effectiveStartDate"]
        ends = charge.get("effectiveEndDate", last)
        begins = starts == day
        price = charge["displayPrice"] * charge["quantity"]
        match charge["chargeType"]:
            case "Recurring" if begins or (day == first and starts < day <= ends):
                subtotal = charge["cmrr"]["amount"] * months_of(day, last)
                parts.append(Part(product, charge, subtotal, day, last))
            case "OneOff" if begins:
                parts.append(Part(product, charge, price))
            case "Usage" | "Measured" if day == first and starts <= before <= ends:
                # In arrears, for the period before.
                until = after(first, days=-1)
                parts.append(Part(product, charge, price * months_of(before, until), before, until))
    return parts


def _credits(order: Row, sold: list[tuple[Row, Row]], first: str, last: str) -> Iterator[Bill]:
    """The rest of a period that was billed for charges that ended within it."""
    ended = [
        (product, charge)
        for product, charge in sold
        if charge["chargeType"] == "Recurring"
        and first <= charge.get("effectiveEndDate", last) < last
    ]
    for ends, billed in sorted(
        {
            (charge["effectiveEndDate"], max(first, charge["effectiveStartDate"]))
            for _, charge in ended
        }
    ):
        day = after(ends, days=1)
        parts = [
            Part(product, charge, -charge["cmrr"]["amount"] * months_of(day, last), day, last)
            for product, charge in ended
            if charge["effectiveEndDate"] == ends
        ]
        yield Bill(day, order, parts, billed)
