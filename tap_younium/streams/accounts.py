"""Customers."""

from tap_younium.client import YouniumStream
from tap_younium.models.accounts import Account


class Accounts(YouniumStream):
    """Customers, resellers, subsidiaries and prospects, with their addresses and KPIs."""

    name = "accounts"
    path = "/Accounts"
    model = Account
    permission = "Account View"
    incremental = True
