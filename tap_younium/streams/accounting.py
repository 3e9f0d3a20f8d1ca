"""The ledger."""

from tap_younium.client import YouniumStream
from tap_younium.models.accounting import Journal, JournalDetails
from tap_younium.models.common import FinancialAccount


class ChartOfAccounts(YouniumStream):
    """The financial accounts."""

    name = "chart_of_accounts"
    path = "/ChartOfAccounts"
    model = FinancialAccount


class JournalDetailsStream(YouniumStream):
    """Journals without their vouchers."""

    name = "journal_details"
    path = "/Journals/JournalDetails"
    model = JournalDetails
    incremental = True


class Journals(YouniumStream):
    """Journals with their vouchers and transactions."""

    name = "journals"
    path = "/Journals"
    model = Journal
    incremental = True
