"""Payments."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.payments import Payment
from tap_younium.rows import POSITION, ROOT


class Payments(YouniumStream):
    """Payments, what they settle and what is written off."""

    name = "payments"
    path = "/Payments"
    model = Payment
    incremental = True
    timeless = True


class PaymentSettlements(NestedStream):
    """The invoices that payments settle."""

    name = "payment_settlements"
    collection = Payments
    arrays = ("paymentSettlements",)
    primary_keys = (ROOT, POSITION)


class PaymentWriteOffs(NestedStream):
    """What is written off with payments."""

    name = "payment_write_offs"
    collection = Payments
    arrays = ("paymentWriteOffs",)
