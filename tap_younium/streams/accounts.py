"""Customers."""

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.accounts import Account, AccountSummary
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class Accounts(YouniumStream):
    """Customers, resellers, subsidiaries and prospects, with their addresses and KPIs."""

    name = "accounts"
    path = "/Accounts"
    model = Account
    permission = "Account View"
    replication_key = LAST_MODIFIED


class AccountAddresses(NestedStream):
    """Addresses of accounts."""

    name = "account_addresses"
    primary_keys = (ROOT_ID, POSITION)  # an address need not have an id
    collection = Accounts
    array_path = ("addresses",)


class AccountSummaries(ChildStream):
    """KPIs and balance of accounts."""

    name = "account_summaries"
    collections = (Accounts,)
    child_path = "/Accounts/{}/Summary"
    model = AccountSummary
    child_paged = False
    single_record = True
