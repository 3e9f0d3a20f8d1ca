"""Deferred and recognized revenue."""

from tap_younium.child import ChildStream
from tap_younium.models.accounting import RevenueScheduleItem
from tap_younium.records.columns import PARENT_ID
from tap_younium.streams.invoices import Invoices
from tap_younium.streams.orders import SalesOrders, Subscriptions


class RevenueSchedules(ChildStream):
    """Deferred and recognized revenue by period, for each charge of an order."""

    name = "revenue_schedules"
    collections = (Subscriptions, SalesOrders)
    child_path = "/RevenueSchedule/Charge/{}"
    model = RevenueScheduleItem
    parent_array_path = ("products", "charges")
    primary_keys = (PARENT_ID, "id")
    parent_field = "chargeNumber"


class InvoiceLineRevenueSchedules(ChildStream):
    """Deferred and recognized revenue by period, for each invoice line."""

    name = "invoice_line_revenue_schedules"
    collections = (Invoices,)
    child_path = "/RevenueSchedule/InvoiceLine/{}"
    model = RevenueScheduleItem
    parent_array_path = ("invoiceLines",)
    primary_keys = (PARENT_ID, "id")
