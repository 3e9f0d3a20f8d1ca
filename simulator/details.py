"""The answers for one parent: versions, summaries, logs, schedules, transactions."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.app import Call, Handler, as_json
from simulator.catalog import COLLECTIONS, Collection
from simulator.companies.base import AS_OF
from simulator.companies.periods import months_of
from simulator.contract import RefusedError, array, nothing_found, page_of, select
from simulator.filling import Row, after, identifier, picked
from simulator.store import Table, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

_TRANSACTIONS: Final = Collection(
    "Journals/AccountingTransactions", "AccountingTransaction", "accounting transactions"
)
_SCHEDULE: Final = Collection("RevenueSchedule", "RevenueScheduleItem", "revenue schedule items")
_LOGS: Final = Collection("OnlinePaymentLogs", "OnlinePaymentLog", "online payment logs", None)
_ATTACHMENTS: Final = COLLECTIONS["Invoices/PostedInvoiceDocumentAttachments"]


def _found(call: Call, collection: str, value: str, field: str = "id") -> Row:
    row = call.table(collection).find(field, value)
    if row is None:
        raise RefusedError(404)
    return row


def _grouped(table: Table, *path: str) -> dict[Any, list[Row]]:
    """The rows of a table by a value inside them."""

    def group() -> dict[Any, list[Row]]:
        groups: defaultdict[Any, list[Row]] = defaultdict(list)
        for row in table.rows:
            value: Any = row
            for name in path:
                value = value.get(name) or {}
            groups[value or None].append(row)
        return groups

    return table.remember(("grouped", path), group)


def _selected(call: Call, rows: list[Row], collection: Collection) -> Response:
    """Rows of one parent as a paged list with all its parameters."""
    tenant, table = call.tenant, Table(rows)
    chosen = select(table, collection, call.asked, tenant.contract, tenant.chance())
    return call.paged(chosen, table, collection.noun, single=collection.single)


# Orders


def replace(order: Row, *, keep_id: bool, modified: str) -> None:
    """Turns an order into its next version and keeps the previous one in its history.

    `keep_id`: whether the order and its parts keep their ids.
    """
    older = deepcopy({key: value for key, value in order.items() if key != "_older"})
    older["isLastVersion"] = False
    history = [*order.get("_older", ()), older]
    if not keep_id:
        names = {key: identifier(key, "after", order["version"]) for key in _ids(order)}
        order.update(_renamed(older, names))
    order["_older"] = history
    order.update(version=order["version"] + 1, isLastVersion=True, modified=modified)


def _versions_of(order: Row, *, stay_last: bool = False) -> list[Row]:
    """All versions of an order, the oldest first; the row itself is the last."""
    known = order.get("_older", [])
    made_up = known[0] if known else order
    older = [_version(made_up, number) for number in range(1, made_up["version"])] + known
    return [row | {"isLastVersion": stay_last} for row in older] + [order]


def _version(order: Row, number: int) -> Row:
    """An earlier version: the same agreement with its own ids."""
    renamed = {key: identifier(key, number) for key in _ids(order)}
    # The account is the same one in every version.
    shared = {name: order[name] for name in ("account", "invoiceAccount") if order.get(name)}
    older: Row = _renamed(order, renamed) | shared
    return older | {"version": number, "isLastVersion": False, "status": "Inactive"}


def _ids(order: Row) -> Iterable[str]:
    yield order["id"]
    for name in ("products", "milestones", "orderDiscounts"):
        for part in order.get(name) or ():
            yield part["id"]
            yield from (charge["id"] for charge in part.get("charges") or ())


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _versions(name: str) -> Handler:
    def handler(call: Call) -> Response:
        order = _found(call, name, call.path("order_number"), "orderNumber")
        rows = _versions_of(order, stay_last=call.tenant.contract.versions_stay_last)
        tenant, table, collection = call.tenant, Table(rows), COLLECTIONS[name]
        rows = select(table, collection, call.asked, tenant.contract, tenant.chance())
        rows = page_of(rows, call.asked, tenant.contract)
        if not rows and not tenant.contract.empty_lists:
            raise nothing_found("orders", tenant.contract)
        return as_json(array(rows, table))

    return handler


def _one_version(name: str) -> Handler:
    def handler(call: Call) -> Response:
        order = _found(call, name, call.path("order_number"), "orderNumber")
        for row in _versions_of(order):
            if str(row["version"]) == call.path("version"):
                return as_json(encode(row))
        raise RefusedError(404)

    return handler


def _milestones(call: Call) -> Response:
    order = _found(call, "Subscriptions", call.path("id"))
    return as_json(encode(order.get("milestones") or []))


# Accounts and invoices


def _summary(call: Call) -> Response:
    account = _found(call, "Accounts", call.path("id"))
    if account.get("accountType") == "Prospect":
        # A prospect has bought nothing, so it has no summary.
        raise RefusedError(404)
    invoices = _grouped(call.table("Invoices"), "account", "id").get(account["id"], [])
    kept = "id name accountNumber externalERPId externalCRMId cmrr acv emrr oneTimeFees tcv"
    summary = picked(account, kept)
    balance = (invoice.get("balancedAmount") or Decimal(0) for invoice in invoices)
    base = (invoice.get("balancedBaseAmount") or Decimal(0) for invoice in invoices)
    summary["accountBalance"] = (account.get("cmrr") or {}) | {
        "amount": sum(balance, Decimal(0)),
        "baseCurrencyAmount": sum(base, Decimal(0)),
    }
    dates = [invoice["invoiceDate"] for invoice in invoices if invoice.get("invoiceDate")]
    summary["lastInvoiced"] = max(dates, default=None)
    return as_json(encode(summary))


def _payment_logs(call: Call) -> Response:
    invoice = _found(call, "Invoices", call.path("id"))
    return _selected(call, invoice.get("latestOnlinePaymentLogs") or [], _LOGS)


def _attachments(call: Call) -> Response:
    invoice = _found(call, "Invoices", call.path("id"))
    theirs = _grouped(call.table(_ATTACHMENTS.name), "invoiceId")
    return _selected(call, theirs.get(invoice["id"], []), _ATTACHMENTS)


def _related(call: Call) -> Response:
    """A credit and the invoice that it credits are related to each other."""
    invoice = _found(call, "Invoices", call.path("id"))
    rows = [
        _related_row(other, debit, credit)
        for other in call.table("Invoices").rows
        for debit, credit in (
            (invoice.get("_credits"), invoice["id"]),
            (other.get("_credits"), other["id"]),
        )
        if debit in {invoice["id"], other["id"]} and invoice is not other
    ]
    return call.paged(rows, Table(rows), "related invoices", single=True)


def _related_row(invoice: Row, debit: str, credit: str) -> Row:
    kept = "id invoiceType invoiceNumber status invoiceDate currency subtotal totalAmount"
    ids = {"debitInvoiceId": debit, "creditInvoiceId": credit}
    return picked(invoice, kept + " externalERPId externalCRMId") | ids


# Revenue


def charges(table: Table) -> dict[str, Row]:
    """The charges of a table of orders by number."""

    def index() -> dict[str, Row]:
        return {
            charge["chargeNumber"]: charge
            for order in table.rows
            for product in order.get("products") or ()
            for charge in product.get("charges") or ()
        }

    return table.remember("charges by number", index)


def _lines(table: Table, field: str) -> dict[str, tuple[Row, Row]]:
    """Invoices and their lines by a field of the line; the first line of each value."""

    def index() -> dict[str, tuple[Row, Row]]:
        return {
            line[field]: (invoice, line)
            for invoice in reversed(table.rows)
            for line in invoice.get("invoiceLines") or ()
            if line.get(field)
        }

    return table.remember(("lines", field), index)


def _charge_schedule(call: Call) -> Response:
    number = call.path("charge_number")
    for name in ("Subscriptions", "SalesOrders"):
        if charge := charges(call.table(name)).get(number):
            found = _lines(call.table("Invoices"), "chargeNumber").get(number)
            start = charge.get("effectiveStartDate")  # not known before a milestone is reached
            rows = []
            if start and charge["chargeType"] == "Recurring":
                rows = _schedule(charge["acv"], _this_year(start), 12, found, charge)
            return _selected(call, rows, _SCHEDULE)
    raise RefusedError(404)


def _line_schedule(call: Call) -> Response:
    found = _lines(call.table("Invoices"), "id").get(call.path("id"))
    if found is None:
        raise RefusedError(404)
    invoice, line = found
    value = {
        "amount": line["subtotal"],
        "currencyCode": invoice.get("currency"),
        "currencyConversionDate": invoice.get("invoiceDate"),
        "baseCurrencyAmount": line["subtotalBaseAmount"],
        "baseCurrencyCode": "SEK",
    }
    # Nothing is recognised before the invoice is posted.
    first = line.get("servicePeriodStartDate") or invoice["invoiceDate"]
    months = months_of(first, line.get("servicePeriodEndDate") or first) or 1
    is_draft = invoice.get("status") == "Draft"
    rows = [] if is_draft else _schedule(value, first, months, found, None)
    return _selected(call, rows, _SCHEDULE)


def _this_year(start: str) -> str:
    """The start of a charge, or its last anniversary before the books end."""
    first = start
    while (later := after(first, 12)) <= AS_OF:
        first = later
    return first


def _schedule(
    value: Row, first: str, months: int, found: tuple[Row, Row] | None, charge: Row | None
) -> list[Row]:
    """A value recognised in equal months from a day; the last one gets the remainder."""
    parent = charge["id"] if charge else (found[1]["id"] if found else "")
    parts = {name: _parts(value[name], months) for name in ("amount", "baseCurrencyAmount")}
    rows = []
    for month in range(months):
        recognised = {name: part[month] for name, part in parts.items()}
        deferred = {name: sum(part[month + 1 :], Decimal(0)) for name, part in parts.items()}
        starts = after(f"{first[:7]}-01T00:00:00", month)
        stamp = f"2025-{month % 12 + 1:02d}-01T03:00:00.1234567"
        rows.append(
            {
                "id": identifier(parent, "schedule", month),
                "deferredRevenue": value | deferred,
                "recognizedRevenue": value | recognised,
                "accountingPeriod": _period(starts),
                "invoiceLine": _schedule_line(*found) if found else None,
                "orderProductCharge": _charge_ref(charge, found),
                "created": stamp,
                "modified": stamp,
            }
        )
    return rows


def _parts(amount: Decimal, months: int) -> list[Decimal]:
    part = (Decimal(amount) / months).quantize(Decimal("0.01"))
    return [part] * (months - 1) + [amount - part * (months - 1)]


def _period(starts: str) -> Row:
    year, month = int(starts[:4]), int(starts[5:7])
    is_closed = after(starts, 1) <= AS_OF
    return {
        "description": f"{year}-{month:02d}",
        "fiscalYear": year,
        "fiscalPeriod": month,
        "fiscalQuarter": (month + 2) // 3,
        "calendarYear": year,
        "calendarMonth": month,
        "startDate": starts,
        "endDate": after(starts, 1, days=-1),
        "status": "Closed" if is_closed else "Open",
        "closedDate": after(starts, 1, days=4) if is_closed else None,
    }


def _charge_ref(charge: Row | None, found: tuple[Row, Row] | None) -> Row | None:
    if charge is None:
        return found[1].get("charge") if found else None
    kept = "id name chargeNumber externalERPId externalCRMId"
    return picked(charge, kept) | {"description": charge.get("name")}


def _schedule_line(invoice: Row, line: Row) -> Row:
    kept = "id invoiceId quantity price subtotal total tax subtotalPreDiscount totalPreDiscount"
    kept += " taxPreDiscount taxCategoryName taxRate notes externalERPId externalCRMId"
    kept += " servicePeriodStartDate servicePeriodEndDate"
    row = picked(line, kept) | picked(invoice, "invoiceNumber invoiceDate")
    row["unitCode"] = (line.get("unitOfMeasure") or {}).get("unitCode")
    for name in ("accountsReceivable", "deferredRevenue", "recognizedRevenue"):
        row[name + "Account"] = (line.get(name) or {}).get("code")
    return row


# The books


def _transactions(call: Call) -> Response:
    try:
        year = int(call.path("year"))
    except ValueError:
        raise RefusedError(404) from None
    journals = call.table("Journals")
    table = journals.remember(("transactions", year), lambda: Table(_year(call, year)))
    tenant = call.tenant
    rows = select(table, _TRANSACTIONS, call.asked, tenant.contract, tenant.chance())
    return call.paged(rows, table, _TRANSACTIONS.noun)


def _fiscal_year(journal: Row) -> object:
    """Return a journal's fiscal year; None if a test has removed it."""
    period = journal.get("accountingPeriod")
    return period.get("fiscalYear") if isinstance(period, dict) else None


def _year(call: Call, year: int) -> list[Row]:
    return [
        _transaction(call, journal, voucher)
        for journal in call.table("Journals").rows
        if _fiscal_year(journal) == year
        for voucher in journal.get("vouchers") or ()
    ]


def _transaction(call: Call, journal: Row, voucher: Row) -> Row:
    row = {name: value for name, value in voucher.items() if name != "invoiceNumber"}
    row["journalId"] = journal["id"]
    if invoice := call.table("Invoices").find("id", voucher.get("invoiceId", "")):
        kept = "id invoiceNumber status notes invoiceDate currency subtotal tax totalAmount"
        kept += " settledAmount taxIncluded invoiceBatchId invoiceType customFields"
        row["invoice"] = picked(invoice, kept + " externalERPId externalCRMId")
    if account := call.table("Accounts").find("id", voucher.get("invoiceAccountId", "")):
        kept = "id accountNumber accountType invoiceDeliveryMethod name organizationNumber"
        kept += " accountsReceivable currencyCode taxRegistrationNumber taxTemplate customFields"
        kept += " invoiceBatchGroupId invoiceSettingGroupId externalERPId externalCRMId"
        row["invoiceAccount"] = picked(account, kept)
    return row


#: Path to handler.
DETAILS: Final[dict[str, Handler]] = {
    "/Subscriptions/{order_number}/versions": _versions("Subscriptions"),
    "/Subscriptions/{order_number}/versions/{version}": _one_version("Subscriptions"),
    "/Subscriptions/{id}/milestones": _milestones,
    "/SalesOrders/{order_number}/versions": _versions("SalesOrders"),
    "/SalesOrders/{order_number}/versions/{version}": _one_version("SalesOrders"),
    "/Accounts/{id}/Summary": _summary,
    "/Invoices/{id}/OnlinePaymentLogs": _payment_logs,
    "/Invoices/{id}/Attachments": _attachments,
    "/Invoices/{id}/RelatedInvoices": _related,
    "/RevenueSchedule/Charge/{charge_number}": _charge_schedule,
    "/RevenueSchedule/InvoiceLine/{id}": _line_schedule,
    "/Journals/AccountingTransactions/{year}": _transactions,
}
