"""Changes that no query can count twice, and the figures after them, counted by hand."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pages import blocks

from simulator import queries
from simulator.changes import delete_charge, undo_version
from simulator.companies.base import AS_OF
from simulator.details import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer import Row

    from simulator import Simulator

TODAY = date.fromisoformat(AS_OF[:10])
"""The day of all figures: the companies' books end there."""
ENTITIES = ("Nordic AB", "Läkarö & Söner")
TABLES = [
    "accounts",
    "booking_lines",
    "bookings",
    "chart_of_accounts",
    "invoice_lines",
    "invoices",
    "journal_transactions",
    "journal_vouchers",
    "journals",
    "payments",
    "revenue_schedules",
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


def draft(order: Row) -> None:
    """Begin the next version of an order."""
    supersede(order)
    order["status"] = "Draft"


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


# Figures, counted by hand


def in_force(charge: Row, day: date | None = None) -> bool:
    """Whether a recurring charge is in force on a day, by default today. Both its ends count."""
    day = day or TODAY
    last = charge.get("effectiveEndDate")
    began = _day(charge["effectiveStartDate"]) <= day
    return charge["chargeType"] == "Recurring" and began and (not last or day <= _day(last))


def monthly(charge: Row) -> Decimal:
    """The amount of a charge for a month, in the base currency."""
    amount: Decimal = charge["recurringMonthlyAmountBase"]
    return amount


def mrr(younium: Simulator, day: date | None = None) -> Decimal:
    """What the charges in force on a day bring in a month, by default the last of this one."""
    last = day or _last_day()
    return _sum(_order_mrr(order, last) for order in _rows(younium, "Subscriptions"))


def _order_mrr(order: Row, day: date) -> Decimal:
    counts = order["status"] in {"Active", "Cancelled", "Inactive"}
    return _sum(monthly(it) for _, it in charges(order) if counts and in_force(it, day))


def arr(younium: Simulator) -> Decimal:
    """Twelve times that."""
    return 12 * mrr(younium)


def largest_customers(younium: Simulator) -> Decimal:
    """The MRR of each legal entity's largest customer."""
    found = Decimal(0)
    for entity in ENTITIES:
        customers: defaultdict[str, Decimal] = defaultdict(Decimal)
        for order in younium.rows("Subscriptions", entity):
            customers[order["account"]["id"]] += _order_mrr(order, _last_day())
        found += max(customers.values())
    return found


def started_and_left(younium: Simulator) -> Decimal:
    """The MRR after each whole year that a customer has been there, by customer and year."""
    firsts: dict[str, date] = {}
    months: dict[str, dict[date, Decimal]] = {}
    for entity in ENTITIES:
        for order in younium.rows("Subscriptions", entity):
            if order["status"] in {"Active", "Cancelled", "Inactive"}:
                history = months.setdefault(entity + order["account"]["id"], defaultdict(Decimal))
                for _, charge in charges(order):
                    for first in _month_firsts(_day(charge["effectiveStartDate"])):
                        last = first.replace(day=monthrange(first.year, first.month)[1])
                        if in_force(charge, last):
                            history[first] += monthly(charge)
    for customer, history in months.items():
        if paying := [month for month, amount in history.items() if amount > 0]:
            firsts[customer] = min(paying)
    return _sum(
        months[customer].get(first.replace(year=first.year + years), Decimal(0))
        for customer, first in firsts.items()
        for years in range(6)
    )


def scheduled(younium: Simulator) -> Decimal:
    """What the revenue schedules recognize over all periods: a year's revenue of each charge."""
    return _sum(
        charge["acv"]["baseCurrencyAmount"]
        for order in _rows(younium, "Subscriptions")
        for _, charge in charges(order)
        if charge["chargeType"] == "Recurring"
    )


def invoiced(younium: Simulator) -> Decimal:
    """What is recognized over all months: all that was invoiced, without tax."""
    return _sum(
        _sign(invoice) * line["subtotalBaseAmount"]
        for invoice in _invoices(younium)
        for line in invoice["invoiceLines"]
    )


def deferred(younium: Simulator) -> Decimal:
    """What is recognized after the end of this month, each line evenly over its days."""

    def later(line: Row) -> Decimal:
        amount: Decimal = line["subtotalBaseAmount"]
        first = _day(line["servicePeriodStartDate"])
        days = (_day(line["servicePeriodEndDate"]) - first).days + 1
        passed = min(max((_last_day() - first).days + 1, 0), days)
        return amount - (round(amount * passed / days, 2) if passed < days else amount)

    return _sum(
        _sign(invoice) * later(line)
        for invoice in _invoices(younium)
        for line in invoice["invoiceLines"]
    )


def outstanding(younium: Simulator) -> Decimal:
    """What is open of all invoices and credits."""
    return _sum(_sign(it) * it["balancedBaseAmount"] for it in _invoices(younium))


def overdue(younium: Simulator) -> Decimal:
    """What is open of the invoices and credits past their due date."""
    return _sum(
        _sign(invoice) * invoice["balancedBaseAmount"]
        for invoice in _invoices(younium)
        if _day(invoice["dueDate"]) < TODAY
    )


def posted(younium: Simulator) -> Decimal:
    """Credits less debits in the ledger."""
    return _sum(
        it["creditAmount"] - it["debitAmount"]
        for journal in _rows(younium, "Journals")
        for voucher in journal["vouchers"]
        for it in voucher["transactions"]
    )


def booked(younium: Simulator) -> Decimal:
    """What the last month's bookings bring, less what they take away."""

    def amount(booking: Row) -> Decimal:
        kind = (booking["bookingType"], booking["changeType"])
        found: Decimal = booking["cmrr"]["amountInBaseCurrency"]
        return -abs(found) if "Churn" in kind or kind == ("Change", "Downsell") else found

    return _last_month((it["effectiveDate"], amount(it)) for it in _rows(younium, "Bookings"))


def _rows(younium: Simulator, collection: str) -> Iterator[Row]:
    return (row for entity in ENTITIES for row in younium.rows(collection, entity))


def _invoices(younium: Simulator) -> Iterator[Row]:
    for invoice in _rows(younium, "Invoices"):
        if invoice["status"] in {"Posted", "Settled"} and _day(invoice["invoiceDate"]) <= TODAY:
            yield invoice


def _sign(invoice: Row) -> int:
    return -1 if invoice["invoiceType"] == "Credit" and invoice["totalAmount"] > 0 else 1


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _last_month(amounts: Iterable[tuple[str, Decimal]]) -> Decimal:
    """The sum of the amounts in their last month."""
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    for time, amount in amounts:
        months[time[:7]] += amount
    return months[max(months)]


def _month_firsts(first: date) -> Iterator[date]:
    """The first day of each month from one until now."""
    first = first.replace(day=1)
    while first <= TODAY:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)


def _last_day() -> date:
    """The last day of this month."""
    return TODAY.replace(day=monthrange(TODAY.year, TODAY.month)[1])


def _day(time: str) -> date:
    return datetime.fromisoformat(time).date()


# Queries


@dataclass(frozen=True)
class Query:
    """A query with an amount in each row.

    Attributes:
        name: What it answers.
        sql: Its text.
        column: The amount.
        by_hand: Says what the amounts add up to, those of the last month where rows have a month.
        all_months: Whether it is all months instead.
        demo: The demo's query with the same answer.
    """

    name: str
    sql: str
    column: str
    by_hand: Callable[[Simulator], Decimal] | None = None
    all_months: bool = False
    demo: str = ""

    def total(self, rows: list[Row]) -> Decimal:
        """The sum of the amounts in its rows."""
        last = max((row.get("month", "") for row in rows), default="")
        kept = (row for row in rows if self.all_months or row.get("month", "") == last)
        return _sum(Decimal(str(row[self.column] or 0)) for row in kept)


FIGURES = queries.figures_on(str(TODAY))
_SHOWN = [it.text for it in blocks("sql") if it.page.name == "sql.md"]
_ARR, _MRR, _MOVEMENTS, _RETENTION, _BOOKED, _OPEN, _REVENUE, _SCHEDULED, _LEDGER = _SHOWN
(_CHARGES,) = (it.text for it in blocks("sql") if it.page.name == "analytics.md")
RECIPES = [
    Query("ARR by customer", _ARR, "arr", arr, demo=queries.ARR),
    Query("MRR by product", _MRR, "mrr", mrr, demo=queries.MRR),
    Query("MRR of the largest, by charge", _CHARGES, "mrr", largest_customers),
    Query("MRR by movement", _MOVEMENTS, "mrr", mrr),
    Query("MRR by cohort", _RETENTION, "mrr", started_and_left),
    Query("booked CMRR, last month", _BOOKED, "cmrr", booked),
    Query("overdue", _OPEN, "balance", overdue),
    Query("recognized revenue", _REVENUE, "recognised", invoiced, all_months=True),
    Query("revenue schedules", _SCHEDULED, "recognized", scheduled),
    Query("ledger", _LEDGER, "credit", posted, all_months=True),
    Query("chart: MRR", queries.MRR_BY_MONTH, "amount", mrr),
    Query("chart: ARR", queries.ARR_BY_CUSTOMER, "amount", arr),
    Query("chart: MRR movements", queries.MRR_MOVEMENTS, "amount", mrr, all_months=True),
    Query("chart: ageing", queries.AGEING, "amount", outstanding),
    Query("chart: deferred revenue", queries.DEFERRED, "amount", deferred, all_months=True),
]
"""The queries of docs/recipes/sql.md, that of docs/analytics.md, and those of the pictures."""
MEASURES: dict[str, tuple[str, Callable[[Simulator], Decimal] | None]] = {
    "younium__arr": ("sum(arr)", arr),
    "younium__bookings": ("sum(cmrr)", None),
    "younium__customers": ("count(*)", None),
    "younium__deferred_revenue": ("sum(invoiced)", invoiced),
    "younium__invoices_outstanding": ("sum(balance)", None),
    "younium__mrr": ("sum(CASE WHEN is_current_month THEN mrr ELSE 0 END)", mrr),
    "younium__mrr_by_charge": ("sum(CASE WHEN is_current_month THEN mrr ELSE 0 END)", mrr),
    "younium__mrr_movements": (
        "sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr)",
        mrr,
    ),
    "younium__recurring_charges": ("sum(mrr)", None),
    "younium__retention": ("sum(kept_mrr)", None),
    "younium__revenue": ("sum(recognised)", invoiced),
    "younium__subscriptions": ("sum(cmrr)", None),
}
"""A figure of each model."""
MODELS = [
    Query(name, f"SELECT {figure} AS figure FROM analytics.{name}", "figure", by_hand)
    for name, (figure, by_hand) in MEASURES.items()
]


# Assumptions

SWITCHES: list[tuple[str, Any, str]] = [
    ("younium_currency", "document", "younium__mrr"),
    ("younium_mrr_statuses", ["Active"], "younium__mrr"),
    ("younium_mrr_day", "first", "younium__mrr"),
    ("younium_charge_end", "charge", "younium__mrr"),
    ("younium_charge_end", "earlier", "younium__mrr"),
    ("younium_drafts", "hide", "younium__mrr"),
    ("younium_replaced_charges", "stay", "younium__mrr"),
    ("younium_monthly_amount", "cmrr", "younium__mrr"),
    ("younium_monthly_amount", "price", "younium__mrr"),
    ("younium_temporary_discounts", "subtract", "younium__mrr"),
    ("younium_unreached_milestones", "order_start", "younium__mrr"),
    ("younium_paused", "contraction", "younium__mrr_movements"),
    ("younium_movements_by", "subscription", "younium__mrr_movements"),
    ("younium_cohort", "quarter", "younium__retention"),
    ("younium_cohort", "month", "younium__retention"),
    ("younium_gross_retention", "lowest", "younium__retention"),
    ("younium_invoice_statuses", ["Posted"], "younium__revenue"),
    ("younium_credit_sign", "as_sent", "younium__revenue"),
    ("younium_line_amount", "total_less_tax", "younium__revenue"),
    ("younium_ageing_buckets", [15, 45], "younium__invoices_outstanding"),
    ("younium_revenue_by", "month", "younium__revenue"),
    ("younium_revenue_before_invoice", "allowed", "younium__revenue"),
    ("younium_booking_sign", "as_sent", "younium__bookings"),
    ("younium_reducing_bookings", ["Churn", "CancelOrderProduct"], "younium__bookings"),
]
"""Each assumption, another value than its default, and a model whose figures it changes."""
