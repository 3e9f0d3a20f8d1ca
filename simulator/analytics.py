"""The answers without a published schema: reports, data export (v3), insights (OData)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from simulator.app import LAST_PAGE, Call, Handler, as_json
from simulator.catalog import COLLECTIONS
from simulator.contract import RefusedError, array
from simulator.store import Table, encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from simulator.filling import Row

# Reports

_BY_ENTITY: Final = {
    each.shape: each.name for each in COLLECTIONS.values() if each.envelope == "paged"
}


def _report_data(call: Call) -> Response:
    report = call.table("Reports").find("id", call.path("id"))
    if report is None:
        raise RefusedError(404)
    fields = report.get("fields") or []
    source = call.table(_BY_ENTITY[report["entityName"]])
    table = source.remember(
        ("report", tuple(fields)), lambda: Table([_picked(row, fields) for row in source.rows])
    )
    rows = call.tenant.chance().sample(table.rows, len(table.rows))
    if field := call.asked.text("SortByField"):
        if field not in fields:
            raise RefusedError(400, {"SortByField": [f"The report has no field '{field}'."]})
        descending = (call.asked.text("SortDirection") or "").lower().startswith("desc")
        rows.sort(key=lambda row: (row.get(field) is not None, _rank(row.get(field))))
        rows = rows[::-1] if descending else rows
    return call.paged(rows, table, "report data")


def _picked(row: Row, fields: list[str]) -> Row:
    picked = {field: row.get(field) for field in fields}
    return {
        field: value["amount"] if isinstance(value, dict) else value
        for field, value in picked.items()
    }


def _rank(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), value if value is not None else 0)


# Data export

#: Entity to its collection and the lists to descend into.
_EXPORTS: Final[dict[str, tuple[str, ...]]] = {
    "Accounts": ("Accounts",),
    "Bookings": ("Bookings",),
    "Booking-lines": ("Bookings", "bookingLines"),
    "Invoices": ("Invoices",),
    "Invoice-lines": ("Invoices", "invoiceLines"),
    "Journals": ("Journals",),
    "Payments": ("Payments",),
    "Products": ("Products",),
    "Quotes": ("Quotes",),
    "Sales-orders": ("SalesOrders",),
    "Sales-order-products": ("SalesOrders", "products"),
    "Sales-order-product-charges": ("SalesOrders", "products", "charges"),
    "Subscriptions": ("Subscriptions",),
    "Subscription-products": ("Subscriptions", "products"),
    "Subscription-product-charges": ("Subscriptions", "products", "charges"),
    "Usage": ("Usage",),
}


def _export(call: Call) -> Response:
    path = _EXPORTS.get(call.path("entity"))
    if path is None:
        raise RefusedError(404)
    contract = call.tenant.contract
    source = call.table(path[0])
    table = source.remember(("export", path), lambda: Table(_flat(source.rows, path[1:])))
    number = call.asked.number("pageNumber", 1)
    size = min(
        call.asked.number("pageSize", contract.v3_default_page_size), contract.v3_max_page_size
    )
    shown = table.rows[(number - 1) * size : number * size]
    body = b'{"items":' + array(shown, table)
    if number * size < len(table.rows):
        query = call.asked.without("pageNumber") | {"pageNumber": number + 1}
        body += b',"nextPage":' + encode(f"{call.request.url.path}?{urlencode(query)}")
    else:
        call.request.scope[LAST_PAGE] = True
        body += b',"nextPage":null' if contract.v3_null_next_page else b""
    return as_json(body + b"}")


def _flat(rows: list[Row], path: tuple[str, ...]) -> list[Row]:
    """The rows at the end of `path`, without their lists, sorted by id where they have one."""
    for name in path:
        rows = [inner for row in rows for inner in row.get(name) or ()]
    plain = [
        {name: value for name, value in row.items() if not isinstance(value, list)} for row in rows
    ]
    return sorted(plain, key=lambda row: str(row.get("id", "")))


# Insights

_MONTHS: Final = tuple(year * 100 + month for year in (2024, 2025) for month in range(1, 13))


def _insights(call: Call) -> Response:
    make = _INSIGHTS.get(call.path("entity"))
    if make is None:
        raise RefusedError(404)
    orders = call.table("Subscriptions")
    table = orders.remember(
        ("insights", call.path("entity")),
        lambda: Table([row for order in orders.rows for row in _kpis(order, make)]),
    )
    rows = table.rows
    if text := call.asked.text("$orderby"):
        field, _, direction = text.partition(" ")
        rows = sorted(
            rows, key=lambda row: _rank(row.get(field)), reverse=direction.lower() == "desc"
        )
    skip = call.asked.number("$skip", 0, least=0)
    top = call.asked.number("$top", call.tenant.contract.insights_page_size, least=0)
    shown = rows[skip : skip + min(top, call.tenant.contract.insights_page_size)]
    call.request.scope[LAST_PAGE] = skip + len(shown) >= len(rows)
    head: Row = {"@odata.context": f"{call.request.base_url}insights/Odata/$metadata"}
    if call.asked.text("$count") == "true":
        head["@odata.count"] = len(rows)
    if call.asked.text("$format") == "application/json;odata.metadata=none":
        del head["@odata.context"]
    comma = b"," if head else b""
    return as_json(encode(head)[:-1] + comma + b'"value":' + array(shown, table) + b"}")


def _kpis(order: Row, measures: tuple[str, ...]) -> list[Row]:
    """One row per charge and month of a subscription."""
    rows = []
    for product in order.get("products") or ():
        for charge in product.get("charges") or ():
            known: Row = {
                "AccountNumber": (order.get("account") or {}).get("accountNumber"),
                "AccountName": (order.get("account") or {}).get("name"),
                "OrderNumber": order.get("orderNumber"),
                "ChargeNumber": charge.get("chargeNumber"),
                "ProductName": product.get("name"),
                "Currency": order.get("currency"),
            }
            fields = charge.get("customFields") or {}
            known |= {f"OrderProductCharge_{key}": value for key, value in fields.items()}
            monthly = (charge.get("cmrr") or {}).get("amount") or Decimal(0)
            for month, year_month in enumerate(_MONTHS):
                values = {
                    "CMRR": monthly,
                    "ARR": monthly * 12,
                    "Change": monthly if month == 0 else Decimal(0),
                    "ChangeType": "New" if month == 0 else None,
                }
                shown = {name: values[name] for name in measures}
                rows.append({"YearMonth": year_month} | known | shown)
    return rows


#: Entity to the measures of its rows.
_INSIGHTS: Final = {
    "recurringrevenue": ("CMRR", "ARR"),
    "allmetrics": ("CMRR", "ARR", "Change", "ChangeType"),
    "revenueChanges": ("Change", "ChangeType"),
}

#: Path to handler.
ANALYTICS: Final[dict[str, Handler]] = {
    "/Reports/{id}/Data": _report_data,
    "/v3/{entity}": _export,
    "/insights/Odata/{entity}": _insights,
}
