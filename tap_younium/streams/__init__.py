"""All tables: a new one is declared in the module of its area and listed here."""

from tap_younium.streams.accounting import ChartOfAccounts, JournalDetailsStream, Journals
from tap_younium.streams.accounts import Accounts
from tap_younium.streams.administration import UserRoles, Users, Webhooks
from tap_younium.streams.bookings import Bookings
from tap_younium.streams.invoices import (
    InvoiceBatches,
    InvoiceBatchGroups,
    InvoiceDocumentAttachments,
    Invoices,
)
from tap_younium.streams.orders import SalesOrders, Subscriptions
from tap_younium.streams.payments import Payments
from tap_younium.streams.products import ProductFeatures, Products, SimpleProducts
from tap_younium.streams.quotes import Quotes
from tap_younium.streams.reference import (
    Countries,
    Currencies,
    CustomFieldConfigurations,
    DocumentTemplates,
    ExchangeRates,
    PaymentTerms,
    Reports,
    TaxTemplates,
    UnitsOfMeasurement,
)
from tap_younium.streams.usage import Measurements, UsageStream

STREAMS = (
    Accounts,
    ProductFeatures,
    Products,
    SimpleProducts,
    SalesOrders,
    Subscriptions,
    Quotes,
    Bookings,
    InvoiceBatchGroups,
    InvoiceBatches,
    InvoiceDocumentAttachments,
    Invoices,
    Payments,
    ChartOfAccounts,
    JournalDetailsStream,
    Journals,
    Measurements,
    UsageStream,
    Countries,
    Currencies,
    CustomFieldConfigurations,
    DocumentTemplates,
    ExchangeRates,
    PaymentTerms,
    Reports,
    TaxTemplates,
    UnitsOfMeasurement,
    UserRoles,
    Users,
    Webhooks,
)
