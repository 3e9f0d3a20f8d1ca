"""Subscriptions and sales orders."""

from tap_younium.client import DetailStream, NestedStream
from tap_younium.models.orders import SalesOrder, Subscription
from tap_younium.rows import POSITION, ROOT
from tap_younium.versions import OrderStream


class SalesOrders(OrderStream):
    """The latest version of each sales order, with products, charges, milestones and discounts."""

    name = "sales_orders"
    path = "/SalesOrders"
    model = SalesOrder
    template = "/SalesOrders/{}/versions"


class Subscriptions(OrderStream):
    """The latest version of each subscription, with products, charges, milestones and discounts."""

    name = "subscriptions"
    path = "/Subscriptions"
    model = Subscription
    permission = "Order View"
    template = "/Subscriptions/{}/versions"


class SubscriptionProducts(NestedStream):
    """Products on subscriptions."""

    name = "subscription_products"
    collection = Subscriptions
    arrays = ("products",)


class SubscriptionCharges(NestedStream):
    """Charges on subscriptions."""

    name = "subscription_charges"
    collection = Subscriptions
    arrays = ("products", "charges")


class SubscriptionChargePriceDetails(NestedStream):
    """Prices and tiers of charges on subscriptions."""

    name = "subscription_charge_price_details"
    collection = Subscriptions
    arrays = ("products", "charges", "priceDetails")
    primary_keys = (ROOT, POSITION)


class SubscriptionMilestones(NestedStream):
    """Milestones of subscriptions."""

    name = "subscription_milestones"
    collection = Subscriptions
    arrays = ("milestones",)


class SubscriptionDiscounts(NestedStream):
    """Discounts on subscriptions."""

    name = "subscription_discounts"
    collection = Subscriptions
    arrays = ("orderDiscounts",)


class SalesOrderProducts(NestedStream):
    """Products on sales orders."""

    name = "sales_order_products"
    collection = SalesOrders
    arrays = ("products",)


class SalesOrderCharges(NestedStream):
    """Charges on sales orders."""

    name = "sales_order_charges"
    collection = SalesOrders
    arrays = ("products", "charges")


class SalesOrderChargePriceDetails(NestedStream):
    """Prices and tiers of charges on sales orders."""

    name = "sales_order_charge_price_details"
    collection = SalesOrders
    arrays = ("products", "charges", "priceDetails")
    primary_keys = (ROOT, POSITION)


class SalesOrderMilestones(NestedStream):
    """Milestones of sales orders."""

    name = "sales_order_milestones"
    collection = SalesOrders
    arrays = ("milestones",)


class SalesOrderDiscounts(NestedStream):
    """Discounts on sales orders."""

    name = "sales_order_discounts"
    collection = SalesOrders
    arrays = ("orderDiscounts",)


class SubscriptionVersions(DetailStream):
    """All versions of subscriptions."""

    name = "subscription_versions"
    collections = (Subscriptions,)
    template = "/Subscriptions/{}/versions"
    model = Subscription
    field = "orderNumber"
    order_by = tells_apart = "version"
    primary_keys = ("id", "version")


class SalesOrderVersions(DetailStream):
    """All versions of sales orders."""

    name = "sales_order_versions"
    collections = (SalesOrders,)
    template = "/SalesOrders/{}/versions"
    model = SalesOrder
    field = "orderNumber"
    order_by = tells_apart = "version"
    primary_keys = ("id", "version")
