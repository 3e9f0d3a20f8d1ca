"""Quotes."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.quotes import Quote
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class Quotes(YouniumStream):
    """Quotes with their products, charges and prices."""

    name = "quotes"
    path = "/Quotes"
    model = Quote
    replication_key = LAST_MODIFIED


class QuoteProducts(NestedStream):
    """Products on quotes."""

    name = "quote_products"
    collection = Quotes
    array_path = ("products",)


class QuoteCharges(NestedStream):
    """Charges on quotes."""

    name = "quote_charges"
    collection = Quotes
    array_path = ("products", "charges")


class QuoteChargePriceDetails(NestedStream):
    """Prices and tiers of charges on quotes."""

    name = "quote_charge_price_details"
    collection = Quotes
    array_path = ("products", "charges", "priceDetails")
    primary_keys = (ROOT_ID, POSITION)
