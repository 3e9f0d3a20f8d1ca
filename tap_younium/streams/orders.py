"""Subscriptions and sales orders."""

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.models.orders import SalesOrder, Subscription
from tap_younium.order_versions import VersionedOrderStream
from tap_younium.records.columns import POSITION, ROOT_ID


class SalesOrders(VersionedOrderStream):
    """The latest version of each sales order, with products, charges, milestones and discounts."""

    name = "sales_orders"
    path = "/SalesOrders"
    model = SalesOrder
    child_path = "/SalesOrders/{}/versions"


class Subscriptions(VersionedOrderStream):
    """The latest version of each subscription, with products, charges, milestones and discounts."""

    name = "subscriptions"
    path = "/Subscriptions"
    model = Subscription
    permission = "Order View"
    child_path = "/Subscriptions/{}/versions"


class SubscriptionProducts(NestedStream):
    """Products on subscriptions."""

    name = "subscription_products"
    collection = Subscriptions
    array_path = ("products",)


class SubscriptionCharges(NestedStream):
    """Charges on subscriptions."""

    name = "subscription_charges"
    collection = Subscriptions
    array_path = ("products", "charges")


class SubscriptionChargePriceDetails(NestedStream):
    """Prices and tiers of charges on subscriptions."""

    name = "subscription_charge_price_details"
    collection = Subscriptions
    array_path = ("products", "charges", "priceDetails")
    primary_keys = (ROOT_ID, POSITION)


class SubscriptionMilestones(NestedStream):
    """Milestones of subscriptions."""

    name = "subscription_milestones"
    collection = Subscriptions
    array_path = ("milestones",)


class SubscriptionDiscounts(NestedStream):
    """Discounts on subscriptions."""

    name = "subscription_discounts"
    collection = Subscriptions
    array_path = ("orderDiscounts",)


class SalesOrderProducts(NestedStream):
    """Products on sales orders."""

    name = "sales_order_products"
    collection = SalesOrders
    array_path = ("products",)


class SalesOrderCharges(NestedStream):
    """Charges on sales orders."""

    name = "sales_order_charges"
    collection = SalesOrders
    array_path = ("products", "charges")


class SalesOrderChargePriceDetails(NestedStream):
    """Prices and tiers of charges on sales orders."""

    name = "sales_order_charge_price_details"
    collection = SalesOrders
    array_path = ("products", "charges", "priceDetails")
    primary_keys = (ROOT_ID, POSITION)


class SalesOrderMilestones(NestedStream):
    """Milestones of sales orders."""

    name = "sales_order_milestones"
    collection = SalesOrders
    array_path = ("milestones",)


class SalesOrderDiscounts(NestedStream):
    """Discounts on sales orders."""

    name = "sales_order_discounts"
    collection = SalesOrders
    array_path = ("orderDiscounts",)


class SubscriptionVersions(ChildStream):
    """All versions of subscriptions."""

    name = "subscription_versions"
    collections = (Subscriptions,)
    child_path = "/Subscriptions/{}/versions"
    model = Subscription
    parent_field = "orderNumber"
    child_order_by = child_key = "version"
    primary_keys = ("id", "version")


class SalesOrderVersions(ChildStream):
    """All versions of sales orders."""

    name = "sales_order_versions"
    collections = (SalesOrders,)
    child_path = "/SalesOrders/{}/versions"
    model = SalesOrder
    parent_field = "orderNumber"
    child_order_by = child_key = "version"
    primary_keys = ("id", "version")
