"""Customers."""

from tap_younium.client import DetailStream, NestedStream, YouniumStream
from tap_younium.models.accounts import Account, AccountSummary
from tap_younium.rows import POSITION, ROOT


class Accounts(YouniumStream):
    """Customers, resellers, subsidiaries and prospects, with their addresses and KPIs."""

    name = "accounts"
    path = "/Accounts"
    model = Account
    permission = "Account View"
    incremental = True


class AccountAddresses(NestedStream):
    """Addresses of accounts."""

    name = "account_addresses"
    primary_keys = (ROOT, POSITION)  # an address need not have an id
    collection = Accounts
    arrays = ("addresses",)


class AccountSummaries(DetailStream):
    """KPIs and balance of accounts."""

    name = "account_summaries"
    collections = (Accounts,)
    template = "/Accounts/{}/Summary"
    model = AccountSummary
    paged_details = False
    bare = True
