"""Fictional companies whose records fit together, the same for the same seed.

Every id is derived from what it names (`identifier`), and every row draws from a source of chance
of its own, so a collection is made when it is first asked for and never depends on which other
collections were made before it. Each module adds one area and knows only those before it.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from simulator.catalog import COLLECTIONS
from simulator.companies.books import Books
from simulator.custom_fields import CustomFields
from simulator.filling import EXACT

if TYPE_CHECKING:
    from simulator.filling import Row

#: Rows per account; other collections do not grow with the accounts.
_PER_ACCOUNT: Final = {
    "Accounts": Decimal(1),
    "Subscriptions": Decimal("1.6"),
    "SalesOrders": Decimal("0.4"),
    "Quotes": Decimal("0.6"),
    "Bookings": Decimal(3),
    "Invoices": Decimal("4.5"),
    "Invoices/PostedInvoiceDocumentAttachments": Decimal("2.5"),
    "Payments": Decimal("4.3"),
    "Usage": Decimal(2),
    "Measurements": Decimal(1),
    "Products": Decimal("0.3"),
    "SimpleProducts": Decimal("0.1"),
    "InvoiceBatches": Decimal("0.4"),
    "Journals": Decimal("0.5"),
    "Journals/JournalDetails": Decimal("0.5"),
}
_FIXED: Final = {
    "ChartOfAccounts": 24,
    "Countries": 40,
    "Currency": 8,
    "DocumentTemplate": 16,
    "ExchangeRate": 84,
    "InvoiceBatchGroups": 3,
    "PaymentTerms": 6,
    "Products/productFeatures": 12,
    "Reports": 5,
    "TaxTemplates": 5,
    "UnitOfMeasurements": 9,
    "Users/roles": 6,
    "Users": 14,
    "Webhooks": 4,
}
_MAKERS: Final = {
    "Accounts": "_accounts",
    "Bookings": "_bookings",
    "ChartOfAccounts": "_chart",
    "Countries": "_countries",
    "Currency": "_currencies",
    "CustomFieldConfigurations": "_custom_fields",
    "DocumentTemplate": "_document_templates",
    "ExchangeRate": "_exchange_rates",
    "InvoiceBatchGroups": "_batch_groups",
    "InvoiceBatches": "_batches",
    "Invoices": "_invoices",
    "Invoices/PostedInvoiceDocumentAttachments": "_attachments",
    "Journals": "_journals",
    "Journals/JournalDetails": "_journal_details",
    "Measurements": "_measurements",
    "PaymentTerms": "_payment_terms",
    "Payments": "_payments",
    "Products": "_products",
    "Products/productFeatures": "_features",
    "Quotes": "_quotes",
    "Reports": "_reports",
    "SalesOrders": "_sales_orders",
    "SimpleProducts": "_simple_products",
    "Subscriptions": "_subscriptions",
    "TaxTemplates": "_tax_templates",
    "UnitOfMeasurements": "_units",
    "Usage": "_usages",
    "Users": "_users",
    "Users/roles": "_roles",
    "Webhooks": "_webhooks",
}


def counts(accounts: int, rows: int | None = None) -> dict[str, int]:
    """Rows per collection: grown from the number of accounts, or `rows` in each."""
    if rows is not None:
        return dict.fromkeys(COLLECTIONS, rows)
    grown = {name: max(1, int(per * accounts)) for name, per in _PER_ACCOUNT.items()}
    return {"CustomFieldConfigurations": CustomFields.kinds} | _FIXED | grown


class Company(Books):
    """One legal entity and its 30 collections."""

    def rows(self, collection: str) -> list[Row]:
        """The rows of a collection, by its name in the catalogue."""
        with localcontext(EXACT):
            return list(getattr(self, _MAKERS[collection]))
