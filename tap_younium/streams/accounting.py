"""The ledger."""

from collections.abc import Iterator
from typing import Any

from tap_younium.client import DetailStream, NestedStream, YouniumStream
from tap_younium.models.accounting import AccountingTransaction, Journal, JournalDetails
from tap_younium.models.common import FinancialAccount
from tap_younium.rows import PARENT, POSITION, ROOT


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


class JournalVouchers(NestedStream):
    """Vouchers of journals."""

    name = "journal_vouchers"
    collection = Journals
    arrays = ("vouchers",)
    primary_keys = (ROOT, POSITION)


class JournalTransactions(NestedStream):
    """Debits and credits of vouchers."""

    name = "journal_transactions"
    collection = Journals
    arrays = ("vouchers", "transactions")
    primary_keys = (ROOT, POSITION)


class AccountingTransactions(DetailStream):
    """Accounting transactions of each fiscal year that the journals name, or that changed in."""

    name = "accounting_transactions"
    collections = (Journals,)
    template = "/Journals/AccountingTransactions/{}"
    order_by = "transactionNumber"
    model = AccountingTransaction
    grouped = True
    primary_keys = (PARENT, POSITION)

    def parents(self, record: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield the fiscal year of a journal, which is the parent here."""
        period = record.get("accountingPeriod")
        if isinstance(period, dict):
            yield period.get("fiscalYear"), {PARENT: str(period.get("fiscalYear"))}
