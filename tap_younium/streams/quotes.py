"""Quotes."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.quotes import Quote
from tap_younium.rows import POSITION, ROOT


class Quotes(YouniumStream):
    """Quotes with their products, charges and prices."""

    name = "quotes"
    path = "/Quotes"
    model = Quote
    incremental = True


class QuoteProducts(NestedStream):
    """Products on quotes."""

    name = "quote_products"
    collection = Quotes
    arrays = ("products",)


class QuoteCharges(NestedStream):
    """Charges on quotes."""

    name = "quote_charges"
    collection = Quotes
    arrays = ("products", "charges")


class QuoteChargePriceDetails(NestedStream):
    """Prices and tiers of charges on quotes."""

    name = "quote_charge_price_details"
    collection = Quotes
    arrays = ("products", "charges", "priceDetails")
    primary_keys = (ROOT, POSITION)
