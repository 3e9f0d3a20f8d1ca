"""The general ledger."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.accounting import AccountingTransaction, Journal, JournalDetails
from tap_younium.models.common import FinancialAccount
from tap_younium.records.columns import LAST_MODIFIED, PARENT_ID, POSITION, ROOT_ID


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
    replication_key = LAST_MODIFIED


class Journals(YouniumStream):
    """Journals with their vouchers and transactions."""

    name = "journals"
    path = "/Journals"
    model = Journal
    replication_key = LAST_MODIFIED


class JournalVouchers(NestedStream):
    """Vouchers of journals."""

    name = "journal_vouchers"
    collection = Journals
    array_path = ("vouchers",)
    primary_keys = (ROOT_ID, POSITION)


class JournalTransactions(NestedStream):
    """Debits and credits of vouchers."""

    name = "journal_transactions"
    collection = Journals
    array_path = ("vouchers", "transactions")
    primary_keys = (ROOT_ID, POSITION)


class AccountingTransactions(ChildStream):
    """Accounting transactions of the fiscal years that have new or changed journals."""

    name = "accounting_transactions"
    collections = (Journals,)
    child_path = "/Journals/AccountingTransactions/{}"
    child_order_by = "transactionNumber"
    model = AccountingTransaction
    many_records_per_parent = True
    column_meanings: ClassVar[Mapping[str, str]] = {
        **ChildStream.column_meanings,
        ROOT_ID: "Always null: a fiscal year has many journals.",
        PARENT_ID: "The fiscal year.",
    }
    primary_keys = (PARENT_ID, POSITION)

    def parents(self, record: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield the fiscal year of a journal, which is the parent here."""
        period = record.get("accountingPeriod")
        if isinstance(period, dict):
            yield period.get("fiscalYear"), {PARENT_ID: str(period.get("fiscalYear"))}
