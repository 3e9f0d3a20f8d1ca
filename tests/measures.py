"""What a controller would measure of the simulator's companies, from their rows."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from simulator.companies import Company, counts

ENTITIES = ("Nordic AB", "Läkarö & Söner")
MONTHS = [
    date(year, month, monthrange(year, month)[1])
    for year in range(2022, 2026)
    for month in range(1, 13)
]
"""Their last days."""
LAST = MONTHS[-1]
ZERO = Decimal(0)


def day(time: str) -> date:
    return datetime.fromisoformat(time).date()


class Figures:
    """The figures of one company, in its base currency; no query has a part in them."""

    def __init__(self, name: str, accounts: int) -> None:
        self.name = name
        company = Company(1, name, ENTITIES.index(name), counts(accounts))
        self.rows = {it: company.rows(it) for it in ("Subscriptions", "Invoices", "Bookings")}
        self.posted = [it for it in self.rows["Invoices"] if it["status"] != "Draft"]
        self.debits = [it for it in self.posted if it["invoiceType"] == "Invoice"]

    @cached_property
    def charges(self) -> list[tuple[str, dict[str, Any]]]:
        """The recurring charges that count, with their customer."""
        return [
            (order["account"]["name"], charge)
            for order in self.rows["Subscriptions"]
            if order["status"] != "Draft"
            for product in order["products"]
            for charge in product["charges"]
            if charge["chargeType"] == "Recurring"
        ]

    @cached_property
    def mrr(self) -> dict[date, dict[str, Decimal]]:
        """By month and customer."""
        found: dict[date, dict[str, Decimal]] = {month: defaultdict(Decimal) for month in MONTHS}
        for customer, charge in self.charges:
            starts, ends = day(charge["effectiveStartDate"]), charge.get("effectiveEndDate")
            for month in MONTHS:
                if starts <= month and (ends is None or month <= day(ends)):
                    found[month][customer] += charge["cmrr"]["baseCurrencyAmount"]
        return found

    def total(self, month: date) -> Decimal:
        return sum(self.mrr[month].values(), ZERO)

    @cached_property
    def invoiced(self) -> list[tuple[date, date, date, Decimal]]:
        """The day of the invoice, the service period and the amount of each line that has one."""
        return [
            (
                day(invoice["invoiceDate"]),
                day(line["servicePeriodStartDate"]),
                day(line["servicePeriodEndDate"]),
                line["subtotalBaseAmount"],
            )
            for invoice in self.posted
            for line in invoice["invoiceLines"]
            if "servicePeriodEndDate" in line
        ]

    def deferred(self, month: date) -> Decimal:
        """What has been invoiced until the end of a month for later days."""
        tomorrow = month + timedelta(1)
        days = (
            (amount, (last - max(first, tomorrow)).days + 1, (last - first).days + 1)
            for on, first, last, amount in self.invoiced
            if on <= month < last
        )
        return sum((amount * left / all_days for amount, left, all_days in days), ZERO)

    @cached_property
    def open(self) -> list[tuple[int, Decimal]]:
        """The days past due and the balance of each invoice that is not settled."""
        return [
            ((LAST - day(it["dueDate"])).days, it["balancedBaseAmount"])
            for it in self.posted
            if it["balancedAmount"]
        ]

    def recognized(self, before: date, month: date) -> Decimal:
        """What has been invoiced since `before` and is not deferred any more, and vice versa."""
        new = sum((it[3] for it in self.invoiced if before < it[0] <= month), ZERO)
        return self.deferred(before) + new - self.deferred(month)

    @cached_property
    def movements(self) -> dict[int, dict[str, Decimal]]:
        """By year."""
        found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        seen: set[str] = set()
        before: dict[str, Decimal] = {}
        for month in MONTHS:
            now = self.mrr[month]
            for customer in before.keys() | now.keys():
                was, becomes = before.get(customer, ZERO), now.get(customer, ZERO)
                if becomes == was:
                    continue
                kind = "expansion" if becomes > was else "contraction"
                if not was:
                    kind = "reactivation" if customer in seen else "new"
                elif not becomes:
                    kind = "churn"
                found[month.year][kind] += becomes - was
            seen |= now.keys()
            before = now
        return found
