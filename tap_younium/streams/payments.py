"""Payments."""

from collections.abc import Mapping
from typing import ClassVar

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.payments import Payment
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class Payments(YouniumStream):
    """Payments with their settlements and write-offs."""

    name = "payments"
    path = "/Payments"
    model = Payment
    replication_key = LAST_MODIFIED
    shows_changes = False
    column_meanings: ClassVar[Mapping[str, str]] = {
        LAST_MODIFIED: "Younium's clock when the payment was read, as payments have no timestamps."
    }


class PaymentSettlements(NestedStream):
    """Invoices settled by payments."""

    name = "payment_settlements"
    collection = Payments
    array_path = ("paymentSettlements",)
    primary_keys = (ROOT_ID, POSITION)


class PaymentWriteOffs(NestedStream):
    """Amounts written off with payments."""

    name = "payment_write_offs"
    collection = Payments
    array_path = ("paymentWriteOffs",)
