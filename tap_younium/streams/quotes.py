"""Quotes."""

from tap_younium.client import YouniumStream
from tap_younium.models.quotes import Quote


class Quotes(YouniumStream):
    """Quotes with their products, charges and prices."""

    name = "quotes"
    path = "/Quotes"
    model = Quote
    incremental = True
