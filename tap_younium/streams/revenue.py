"""Deferred and recognized revenue."""

from tap_younium.client import DetailStream
from tap_younium.models.accounting import RevenueScheduleItem
from tap_younium.rows import PARENT
from tap_younium.streams.invoices import Invoices
from tap_younium.streams.orders import SalesOrders, Subscriptions


class RevenueSchedules(DetailStream):
    """Deferred and recognized revenue by period, for each charge of an order."""

    name = "revenue_schedules"
    collections = (Subscriptions, SalesOrders)
    template = "/RevenueSchedule/Charge/{}"
    model = RevenueScheduleItem
    parent_arrays = ("products", "charges")
    primary_keys = (PARENT, "id")
    field = "chargeNumber"


class InvoiceLineRevenueSchedules(DetailStream):
    """Deferred and recognized revenue by period, for each invoice line."""

    name = "invoice_line_revenue_schedules"
    collections = (Invoices,)
    template = "/RevenueSchedule/InvoiceLine/{}"
    model = RevenueScheduleItem
    parent_arrays = ("invoiceLines",)
    primary_keys = (PARENT, "id")
