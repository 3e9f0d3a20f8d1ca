"""Payments."""

from tap_younium.client import YouniumStream
from tap_younium.models.payments import Payment


class Payments(YouniumStream):
    """Payments, what they settle and what is written off."""

    name = "payments"
    path = "/Payments"
    model = Payment
    incremental = True
    timeless = True
