"""Changes that no query can count twice, and the figures after them, counted by hand."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from pages import blocks

from simulator import queries
from simulator.changes import delete_charge, undo_version
from simulator.details import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer import Row

    from simulator import Simulator

ENTITIES = ("Nordic AB", "Läkarö & Söner")
TABLES = [
    "accounts",
    "bookings",
    "chart_of_accounts",
    "invoice_lines",
    "invoices",
    "journal_transactions",
    "journal_vouchers",
    "journals",
    "payments",
    "revenue_schedules",
    "sales_order_charges",
    "sales_orders",
    "subscription_charges",
    "subscription_products",
    "subscriptions",
]
"""What the queries and the dbt models read."""


# Scenarios


@dataclass(frozen=True)
class Scenario:
    """A change of an order between two runs.

    Attributes:
        name: What happens.
        change: Applies it.
        before: Prepares the data before the first run.
    """

    name: str
    change: Callable[[Row], None]
    before: Callable[[Row], None] = lambda _: None


def subjects(younium: Simulator) -> list[Row]:
    """The active subscriptions that can change, those with the most charges that count first."""
    orders = [it for it in younium.rows("Subscriptions", ENTITIES[0]) if it["status"] == "Active"]
    return sorted(orders, key=lambda order: -sum(in_force(it) for _, it in charges(order)))


def charges(order: Row) -> Iterator[tuple[Row, Row]]:
    """Each charge of an order, with its product before it."""
    for product in order["products"]:
        for charge in product["charges"]:
            yield product, charge


def largest(order: Row) -> tuple[Row, Row]:
    """The charge of the highest amount of those that count today, with its product before it."""
    return max(charges(order), key=lambda pair: in_force(pair[1]) * monthly(pair[1]))


def now() -> datetime:
    """The time as Younium writes it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def touch_largest(order: Row) -> None:
    """Give a charge the newest time of its order, which itself has changed within the lookback."""
    order["modified"] = (now() - timedelta(hours=1)).isoformat()
    largest(order)[1]["modified"] = now().isoformat()


def delete_largest(order: Row) -> None:
    """Delete that charge, and with it the time."""
    delete_charge(order, *largest(order))


def supersede(order: Row, *, same_ids: bool = False) -> None:
    """Change an order to its next version, which has a charge less."""
    replace(order, keep_id=same_ids, modified=now().isoformat())
    delete_largest(order)


def undo(order: Row) -> None:
    """Undo that."""
    undo_version(order, modified=now().isoformat())


SCENARIOS = [
    Scenario("charge with the newest time deleted", delete_largest, touch_largest),
    Scenario("next version with new ids", supersede),
    Scenario("next version with the same ids", partial(supersede, same_ids=True)),
    Scenario("next version undone", undo, supersede),
]


def withdraw(journal: Row) -> None:
    """Take a voucher out of a journal, and a transaction out of each that is left."""
    journal["modified"] = now().isoformat()
    del journal["vouchers"][0]
    for voucher in journal["vouchers"]:
        del voucher["transactions"][0]


# Revenue, counted by hand


def in_force(charge: Row, day: date | None = None) -> bool:
    """Whether a recurring charge is in force on a day, by default today."""
    day = day or _today()
    recurs = charge["chargeType"] == "Recurring"
    return recurs and _day(charge["effectiveStartDate"]) <= day and _lasts(charge, day)


def monthly(charge: Row) -> Decimal:
    """The amount of a charge for a month, in the base currency."""
    amount: Decimal = charge["cmrr"]["baseCurrencyAmount"]
    return amount


def revenue(
    younium: Simulator,
    charge_counts: Callable[[Row], bool],
    order_counts: Callable[[Row], bool] = lambda order: order["status"] == "Active",
) -> Decimal:
    """What the charges that count, of the orders that count, bring in a month."""
    amounts = (
        monthly(charge)
        for entity in ENTITIES
        for order in younium.rows("Subscriptions", entity)
        if order_counts(order)
        for _, charge in charges(order)
        if charge_counts(charge)
    )
    return sum(amounts, Decimal(0))


def begins(younium: Simulator) -> Decimal:
    """What counts on the first day of this month, unless that is its last."""
    first = _today().replace(day=1)
    end = first + timedelta(days=1)
    return revenue(
        younium,
        lambda charge: in_force(charge, first) and _lasts(charge, end),
        lambda order: (
            order["status"] == "Active"
            or (order["status"] == "Cancelled" and _lasts(order, end, "cancellationDate"))
        ),
    )


def ends(younium: Simulator) -> Decimal:
    """What counts on the last day of this month, as examples/dbt has it."""
    today = _today()
    last = today.replace(day=monthrange(today.year, today.month)[1])
    return revenue(
        younium,
        lambda charge: in_force(charge, last),
        lambda order: (
            order["status"] in {"Active", "Cancelled", "Inactive"}
        ),
    )


def scheduled(younium: Simulator) -> Decimal:
    """What the revenue schedules recognize over all periods: a year's revenue of each charge."""
    amounts = (
        charge["acv"]["baseCurrencyAmount"]
        for collection in ("Subscriptions", "SalesOrders")
        for entity in ENTITIES
        for order in younium.rows(collection, entity)
        for _, charge in charges(order)
        if charge["chargeType"] == "Recurring"
    )
    return sum(amounts, Decimal(0))


def posted(younium: Simulator) -> Decimal:
    """Credits less debits in the last month of the ledger."""
    return _last_month(
        (voucher["effectiveDate"], it["creditAmount"] - it["debitAmount"])
        for entity in ENTITIES
        for journal in younium.rows("Journals", entity)
        for voucher in journal["vouchers"]
        for it in voucher["transactions"]
    )


def booked(younium: Simulator) -> Decimal:
    """The monthly revenue that the last month's bookings bring."""
    return _last_month(
        (booking["effectiveDate"], booking["cmrr"]["amountInBaseCurrency"])
        for entity in ENTITIES
        for booking in younium.rows("Bookings", entity)
    )


def overdue(younium: Simulator) -> Decimal:
    """What is open of the invoices past their due date."""
    amounts = (
        max(invoice["balancedAmount"], Decimal(0))
        for entity in ENTITIES
        for invoice in younium.rows("Invoices", entity)
        if invoice["status"] == "Posted" and _day(invoice["dueDate"]) < _today()
    )
    return sum(amounts, Decimal(0))


def _last_month(amounts: Iterable[tuple[str, Decimal]]) -> Decimal:
    """The sum of the amounts in their last month."""
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    for time, amount in amounts:
        months[time[:7]] += amount
    return months[max(months)]


def _today() -> date:
    return datetime.now(UTC).date()


def _day(time: str) -> date:
    return datetime.fromisoformat(time).date()


def _lasts(row: Row, day: date, until: str = "effectiveEndDate") -> bool:
    return not row.get(until) or day <= _day(row[until])


# Queries


@dataclass(frozen=True)
class Query:
    """A query with an amount in each row.

    Attributes:
        name: Where it is shown.
        sql: Its text.
        column: The amount.
        by_hand: Says what the amounts add up to, those of the last month where rows have a month.
    """

    name: str
    sql: str
    column: str
    by_hand: Callable[[Simulator], Decimal]

    def total(self, rows: list[Row]) -> float:
        """The sum of the amounts in its rows."""
        last = max(row.get("month", "") for row in rows)
        return float(sum(row[self.column] for row in rows if row.get("month", "") == last))


CURRENT, *_SHOWN = (it.text for it in blocks("sql") if it.page.name == "sql.md")
_ARR, _MRR, _CHURN, _BOOKED, _DEFERRED, _LEDGER, _OPEN = _SHOWN
REVENUE = [
    Query("recipe-arr", _ARR, "arr", lambda it: 12 * revenue(it, lambda _: True)),
    Query("recipe-mrr", _MRR, "mrr", lambda it: revenue(it, lambda _: True)),
    Query("recipe-churn", _CHURN, "mrr", begins),
]
RECIPES = [
    *REVENUE,
    Query("recipe-booked", _BOOKED, "mrr", booked),
    Query("recipe-deferred", _DEFERRED, "recognized", scheduled),
    Query("recipe-ledger", _LEDGER, "credit", posted),
    Query("recipe-open", _OPEN, "open", overdue),
]
DEMO = [
    Query("demo-arr", queries.ARR, "arr", lambda it: 12 * revenue(it, in_force)),
    Query("demo-mrr", queries.MRR, "mrr", lambda it: revenue(it, in_force)),
    Query("chart", queries.MRR_BY_MONTH, "amount", ends),
]
