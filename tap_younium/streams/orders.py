"""Subscriptions and sales orders."""

from tap_younium.client import YouniumStream
from tap_younium.models.orders import SalesOrder, Subscription


class SalesOrders(YouniumStream):
    """The latest version of each sales order, with products, charges, milestones and discounts."""

    name = "sales_orders"
    path = "/SalesOrders"
    model = SalesOrder
    incremental = True


class Subscriptions(YouniumStream):
    """The latest version of each subscription, with products, charges, milestones and discounts."""

    name = "subscriptions"
    path = "/Subscriptions"
    model = Subscription
    permission = "Order View"
    incremental = True
