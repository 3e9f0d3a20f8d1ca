"""The catalogue."""

from tap_younium.client import YouniumStream
from tap_younium.models.common import Feature
from tap_younium.models.products import Product, SimpleProduct


class ProductFeatures(YouniumStream):
    """Features that charges give; Younium gives them no id."""

    name = "product_features"
    path = "/Products/productFeatures"
    model = Feature
    primary_keys = ("code",)


class Products(YouniumStream):
    """Products with their charge plans, charges and prices."""

    name = "products"
    path = "/Products"
    model = Product
    incremental = True


class SimpleProducts(YouniumStream):
    """Products of one charge, flattened by Younium."""

    name = "simple_products"
    path = "/SimpleProducts"
    model = SimpleProduct
