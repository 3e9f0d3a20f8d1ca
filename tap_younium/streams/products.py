"""The product catalog."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.common import Feature
from tap_younium.models.products import Product, SimpleProduct
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class ProductFeatures(YouniumStream):
    """Features that charges include; they have no id."""

    name = "product_features"
    path = "/Products/productFeatures"
    model = Feature
    primary_keys = ("code",)


class Products(YouniumStream):
    """Products with their charge plans, charges and prices."""

    name = "products"
    path = "/Products"
    model = Product
    replication_key = LAST_MODIFIED


class SimpleProducts(YouniumStream):
    """Products of one charge, flattened by Younium."""

    name = "simple_products"
    path = "/SimpleProducts"
    model = SimpleProduct


class ProductChargePlans(NestedStream):
    """Charge plans of products."""

    name = "product_charge_plans"
    collection = Products
    array_path = ("chargePlans",)


class ProductCharges(NestedStream):
    """Charges of charge plans."""

    name = "product_charges"
    collection = Products
    array_path = ("chargePlans", "charges")


class ProductChargePriceDetails(NestedStream):
    """Prices and tiers of charges."""

    name = "product_charge_price_details"
    collection = Products
    array_path = ("chargePlans", "charges", "priceDetails")
    primary_keys = (ROOT_ID, POSITION)
