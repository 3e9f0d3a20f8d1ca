"""The foreign keys between streams. The tests check each of them with the simulator's rows.

If `legal_entities` is set, `_legal_entity` is part of each foreign key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.columns import PARENT_ID, ROOT_ID
from tap_younium.streams import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_younium.client import YouniumStream

ALL_STREAMS: tuple[type[YouniumStream], ...] = STREAMS

_ORDERS = "subscriptions.id sales_orders.id"
_ORDER_PRODUCTS = "subscription_products.id sales_order_products.id"
_CHARGES = "subscription_charges.id sales_order_charges.id"
_LEDGER = "chart_of_accounts.code"

_ORDER = {
    "account.id": "accounts.id",
    "invoiceAccount.id": "accounts.id",
    "paymentTerm": "payment_terms.name",
    "currency": "currencies.code",
}
_ORDER_CHARGE = {
    "chargeId": "product_charges.id",
    "unitCode": "units_of_measurement.unitCode",
    "taxTemplate": "tax_templates.name",
    "deferredRevenueAccount": _LEDGER,
    "recognizedRevenueAccount": _LEDGER,
}
_ORDER_PRODUCT = {"chargePlanId": "product_charge_plans.id"}
_VOUCHER = {
    "invoiceAccountId": "accounts.id",
    "invoiceId": "invoices.id",
}
_SCHEDULE = {
    "invoiceLine.id": "invoice_lines.id",
    "invoiceLine.invoiceId": "invoices.id",
    "orderProductCharge.id": _CHARGES,
}
_QUANTITY = {
    "account.id": "accounts.id",
    "order.id": _ORDERS,
    "product.id": _ORDER_PRODUCTS,
    "charge.id": _CHARGES,
}

_JOINS: dict[str, dict[str, str]] = {
    "accounts": {
        "parentAccountId": "accounts.id",
        "invoiceBatchGroupId": "invoice_batch_groups.id",
        "defaultPaymentTerm": "payment_terms.name",
        "taxTemplate": "tax_templates.name",
        "currencyCode": "currencies.code",
    },
    "account_addresses": {"country": "countries.name"},
    "account_summaries": {"id": "accounts.id"},
    "accounting_transactions": _VOUCHER | {"journalId": "journals.id"},
    "bookings": {"order.id": _ORDERS, "currency": "currencies.code"},
    "booking_lines": {"charge.id": _CHARGES},
    "exchange_rates": {"fromCurrency": "currencies.code", "toCurrency": "currencies.code"},
    "invoice_attachments": {"invoiceId": "invoices.id"},
    "invoice_document_attachments": {"invoiceId": "invoices.id"},
    "invoice_line_revenue_schedules": _SCHEDULE,
    "invoice_lines": {
        "invoiceId": "invoices.id",
        "accountId": "accounts.id",
        "orderId": _ORDERS,
        "orderProductId": _ORDER_PRODUCTS,
        "orderChargeId": _CHARGES,
        "chargePlanId": "product_charge_plans.id",
        "unitOfMeasure.id": "units_of_measurement.id",
        "accountsReceivable.id": "chart_of_accounts.id",
        "deferredRevenue.id": "chart_of_accounts.id",
        "recognizedRevenue.id": "chart_of_accounts.id",
    },
    "invoices": {
        "account.id": "accounts.id",
        "invoiceBatchId": "invoice_batches.id",
        "paymentTerm.id": "payment_terms.id",
        "accountsReceivable.id": "chart_of_accounts.id",
        "currency": "currencies.code",
    },
    "journal_details": {"id": "journals.id"},
    "journal_transactions": {"account": _LEDGER},
    "journal_vouchers": _VOUCHER,
    "measurements": _QUANTITY,
    "payment_settlements": {"invoice.id": "invoices.id", "invoice.account.id": "accounts.id"},
    "payment_write_offs": {"financialAccount.id": "chart_of_accounts.id"},
    "payments": {
        "paymentAccount.id": "chart_of_accounts.id",
        "BankFeeAccount.id": "chart_of_accounts.id",
    },
    "product_charge_price_details": {"currency": "currencies.code"},
    "product_charges": {
        "unitCode": "units_of_measurement.unitCode",
        "taxTemplate": "tax_templates.name",
        "deferredRevenueAccount": _LEDGER,
        "recognizedRevenueAccount": _LEDGER,
    },
    "quote_charges": {
        "charge.id": "product_charges.id",
        "originalOrderProductChargeId": _CHARGES,
        "unitCode": "units_of_measurement.unitCode",
    },
    "quote_products": _ORDER_PRODUCT,
    "quotes": {
        "customer.id": "accounts.id",
        "invoiceCustomer.id": "accounts.id",
        "convertedToOrder.id": _ORDERS,
        "currency": "currencies.code",
    },
    "related_invoices": {
        "id": "invoices.id",
        "debitInvoiceId": "invoices.id",
        "creditInvoiceId": "invoices.id",
    },
    "revenue_schedules": _SCHEDULE,
    "sales_order_charges": _ORDER_CHARGE
    | {"orderId": "sales_orders.id", "orderProductId": "sales_order_products.id"},
    "sales_order_discounts": {"orderId": "sales_orders.id"},
    "sales_order_milestones": {"orderId": "sales_orders.id"},
    "sales_order_products": _ORDER_PRODUCT,
    "sales_order_versions": _ORDER,
    "sales_orders": _ORDER | {"invoiceBatchGroup": "invoice_batch_groups.code"},
    "simple_products": {
        "unitCode": "units_of_measurement.unitCode",
        "taxTemplate": "tax_templates.name",
    },
    "subscription_charges": _ORDER_CHARGE
    | {"orderId": "subscriptions.id", "orderProductId": "subscription_products.id"},
    "subscription_discounts": {"orderId": "subscriptions.id"},
    "subscription_milestones": {"orderId": "subscriptions.id"},
    "subscription_products": _ORDER_PRODUCT,
    "subscription_versions": _ORDER | {"invoiceBatchGroup.id": "invoice_batch_groups.id"},
    "subscriptions": _ORDER | {"invoiceBatchGroup.id": "invoice_batch_groups.id"},
    "tax_template_details": {"countryId": "countries.id", "taxTemplateId": "tax_templates.id"},
    "tax_templates": {"taxAccountId": "chart_of_accounts.id"},
    "usage": _QUANTITY | {"unit": "units_of_measurement.unitCode"},
}


@dataclass(frozen=True)
class Join:
    """A foreign key.

    Attributes:
        stream: The stream that has the column.
        column: The column. Dots separate an object from its field.
        targets: The streams and columns that it refers to. If there are several, each row refers to
            one of them.
    """

    stream: str
    column: str
    targets: tuple[tuple[str, str], ...]


def name_of(stream: type[YouniumStream]) -> str:
    """Return a stream's name, which the SDK types as an instance's attribute."""
    return stream.name  # type: ignore[misc]


def above(stream: type[NestedStream]) -> type[YouniumStream] | None:
    """Return the stream that a nested stream's `_parent_id` refers to, if its rows have an id."""
    if len(stream.array_path) == 1:
        return stream.collection
    found = nested_in(stream.collection, stream.array_path[:-1])
    return found if found and "id" in found.primary_keys else None


def nested_in(
    collection: type[YouniumStream], arrays: tuple[str, ...]
) -> type[NestedStream] | None:
    """Return the nested stream of an array in a collection's records, if there is one."""
    nested = (stream for stream in ALL_STREAMS if issubclass(stream, NestedStream))
    found = (it for it in nested if it.collection is collection and it.array_path == arrays)
    return next(found, None)


def parents(stream: type[YouniumStream]) -> list[Join]:
    """Return the foreign keys of a nested or child stream to its record and parent."""
    if issubclass(stream, NestedStream):
        found = [Join(name_of(stream), ROOT_ID, ((name_of(stream.collection), "id"),))]
        parent = above(stream)
        return (
            [*found, Join(name_of(stream), PARENT_ID, ((name_of(parent), "id"),))]
            if parent
            else found
        )
    if issubclass(stream, ChildStream) and not stream.many_records_per_parent:
        roots = tuple((name_of(collection), "id") for collection in stream.collections)
        levels = [nested_in(each, stream.parent_array_path) or each for each in stream.collections]
        tops = tuple((name_of(level), "id") for level in levels)
        return [Join(name_of(stream), ROOT_ID, roots), Join(name_of(stream), PARENT_ID, tops)]
    return []


def joins() -> Iterator[Join]:
    """Yield all foreign keys, stream by stream."""
    for stream in ALL_STREAMS:
        yield from parents(stream)
        for column, targets in _JOINS.get(name_of(stream), {}).items():
            pairs = (target.split(".") for target in targets.split())
            yield Join(name_of(stream), column, tuple((target, name) for target, name in pairs))
