"""The 30 collections of the API and their differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Collection:
    """One list endpoint.

    `name` is the path without its leading slash. `covers` names the keys under which
    `ModifiedAfter` looks for changes besides the row's own `modified`; None means that the
    collection takes the parameter and ignores it. `envelope` is `paged`, `wrapped` (the same
    envelope, but no page parameters) or `array` (bare). `single` marks the lists whose `data` the
    published file types as one object.
    """

    name: str
    shape: str
    noun: str
    covers: frozenset[str] | None = frozenset()
    envelope: Literal["paged", "wrapped", "array"] = "paged"
    single: bool = False
    key: str = "id"
    by_id: bool = True

    @property
    def path(self) -> str:
        """Path below the host, e.g. `/Subscriptions`."""
        return "/" + self.name

    @property
    def file(self) -> str:
        """Name of its JSONL file, e.g. `sales_order.jsonl`."""
        return _FILES.get(self.name, self.noun.rstrip("s").replace(" ", "_")) + ".jsonl"


_FILES: Final = {
    "ChartOfAccounts": "chart_of_account",
    "Countries": "country",
    "Currency": "currency",
    "InvoiceBatches": "invoice_batch",
    "Invoices/PostedInvoiceDocumentAttachments": "invoice_document_attachment",
    "UnitOfMeasurements": "unit_of_measurement",
    "Subscriptions": "subscription",
    "Users/roles": "user_role",
    "Usage": "usage",
}

_ORDER_LEVELS: Final = frozenset(
    {"products", "charges", "priceDetails", "orderDiscounts", "milestones", "customFields"}
)
_PAYMENT_LEVELS: Final = frozenset({"paymentSettlements", "paymentWriteOffs", "writeOffs"})

_ALL: Final = (
    Collection("Accounts", "Account", "accounts", frozenset({"addresses", "customFields"})),
    Collection("Bookings", "Booking", "bookings", frozenset({"bookingLines"})),
    Collection("ChartOfAccounts", "FinancialAccount", "financial accounts", None),
    Collection("Countries", "Country", "countries", None),
    Collection("Currency", "Currency", "currencies", None),
    Collection(
        "CustomFieldConfigurations",
        "CustomFieldConfiguration",
        "custom field configurations",
        None,
    ),
    Collection("DocumentTemplate", "DocumentTemplate", "document templates", None),
    Collection("ExchangeRate", "ExchangeRate", "exchange rates", None),
    Collection("InvoiceBatchGroups", "InvoiceBatchGroup", "invoice batch groups", None),
    Collection("InvoiceBatches", "InvoiceBatch", "invoice batches"),
    Collection(
        "Invoices/PostedInvoiceDocumentAttachments",
        "InvoiceAttachment",
        "invoice attachments",
        single=True,
        by_id=False,
    ),
    Collection("Invoices", "Invoice", "invoices", frozenset({"invoiceLines", "customFields"})),
    Collection("Journals/JournalDetails", "JournalDetails", "journal details", by_id=False),
    Collection(
        "Journals",
        "Journal",
        "journals",
        frozenset({"vouchers", "transactions", "customFields"}),
    ),
    Collection("Measurements", "Measurement", "measurements"),
    Collection("PaymentTerms", "PaymentTerm", "payment terms", None),
    Collection("Payments", "Payment", "payments", _PAYMENT_LEVELS),
    Collection(
        "Products/productFeatures",
        "Feature",
        "product features",
        None,
        single=True,
        key="code",
        by_id=False,
    ),
    Collection(
        "Products",
        "Product",
        "products",
        frozenset({"chargePlans", "charges", "priceDetails", "customFields"}),
    ),
    Collection(
        "Quotes",
        "Quote",
        "quotes",
        frozenset({"products", "charges", "priceDetails", "customFields"}),
    ),
    Collection("Reports", "Report", "reports", None),
    Collection("SalesOrders", "SalesOrder", "sales orders", _ORDER_LEVELS),
    Collection("SimpleProducts", "SimpleProduct", "simple products", None),
    Collection("Subscriptions", "Subscription", "subscriptions of latest version", _ORDER_LEVELS),
    Collection("TaxTemplates", "TaxTemplate", "tax templates"),
    Collection("UnitOfMeasurements", "UnitOfMeasure", "units of measure", None),
    Collection("Usage", "Usage", "usages"),
    Collection("Users/roles", "RoleWithPermissions", "roles", None, "wrapped"),
    Collection("Users", "UserWithRoles", "users", None, "wrapped"),
    Collection("Webhooks", "WebhookModel", "webhooks", None, "array"),
)

#: By name; the more specific path of two comes first, as a router needs it.
COLLECTIONS: Final = {each.name: each for each in _ALL}
