"""Payments."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.payments import Payment
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class Payments(YouniumStream):
    """Payments, what they settle and what is written off."""

    name = "payments"
    path = "/Payments"
    model = Payment
    replication_key = LAST_MODIFIED
    shows_changes = False


class PaymentSettlements(NestedStream):
    """The invoices that payments settle."""

    name = "payment_settlements"
    collection = Payments
    array_path = ("paymentSettlements",)
    primary_keys = (ROOT_ID, POSITION)


class PaymentWriteOffs(NestedStream):
    """What is written off with payments."""

    name = "payment_write_offs"
    collection = Payments
    array_path = ("paymentWriteOffs",)
