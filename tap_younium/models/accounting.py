"""The ledger: journals, vouchers, transactions and revenue schedules."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import CurrencyAmount, SimpleOrderProductCharge


class AccountingPeriod(Model):
    """A period of a fiscal year."""

    description: Text = None
    fiscalYear: Integer = None
    fiscalPeriod: Integer = None
    fiscalQuarter: Integer = None
    calendarYear: Integer = None
    calendarMonth: Integer = None
    startDate: Time = None
    endDate: Time = None
    status: Text = None
    closedDate: Time = None


class Transaction(Model):
    """One debit or credit of a voucher; it has no id."""

    custom_fields = "Posting"

    description: Text = None
    account: Text = None
    accountExternalCRMId: Text = None
    accountExternalERPId: Text = None
    accountExternalCode: Text = None
    debitAmount: Number = None
    creditAmount: Number = None
    salesCurrencyDebitAmount: Number = None
    salesCurrencyCreditAmount: Number = None
    salesCurrency: Text = None
    exchangeRate: Number = None
    customFields: Fields = None


class Voucher(Model):
    """A voucher of a journal: transactions that balance; it has no id."""

    transactionNumber: Text = None
    effectiveDate: Time = None
    source: Text = None
    transactions: Many[Transaction] = None
    orderChargeNumber: Text = None
    orderChargeId: Id = None
    revenueScheduleItemId: Id = None
    invoiceNumber: Text = None
    invoiceAccountId: Id = None
    invoiceId: Id = None
    invoiceLineId: Id = None
    paymentId: Id = None
    paymentSettlementId: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None


class Journal(Model):
    """A journal with its vouchers."""

    id: Id = None
    journalNumber: Text = None
    accountingPeriod: AccountingPeriod | None = None
    journalType: Text = None
    description: Text = None
    posted: Flag = None
    postedDate: Time = None
    vouchers: Many[Voucher] = None
    externalERPId: Text = None
    transferredToERP: Time = None
    created: Time = None
    modified: Time = None


class JournalDetails(Model):
    """A journal without its vouchers."""

    id: Id = None
    journalNumber: Text = None
    accountingPeriod: AccountingPeriod | None = None
    journalType: Text = None
    description: Text = None
    posted: Flag = None
    postedDate: Time = None
    externalERPId: Text = None
    transferredToERP: Time = None
    created: Time = None
    modified: Time = None


class TransactionInvoice(Model):
    """An invoice as an accounting transaction shows it."""

    custom_fields = "Invoice"

    id: Id = None
    invoiceNumber: Text = None
    status: Text = None
    notes: Text = None
    invoiceDate: Time = None
    currency: Text = None
    subtotal: Number = None
    tax: Number = None
    totalAmount: Number = None
    settledAmount: Number = None
    taxIncluded: Flag = None
    invoiceBatchId: Id = None
    invoiceType: Text = None
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None


class TransactionAccount(Model):
    """An account as an accounting transaction shows it."""

    custom_fields = "Account"

    id: Id = None
    accountNumber: Text = None
    accountType: Text = None
    invoiceDeliveryMethod: Text = None
    name: Text = None
    organizationNumber: Text = None
    accountsReceivable: Text = None
    currencyCode: Text = None
    taxRegistrationNumber: Text = None
    taxTemplate: Text = None
    invoiceBatchGroupId: Id = None
    invoiceSettingGroupId: Id = None
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None


class AccountingTransaction(Model):
    """A voucher with its invoice and account, by fiscal year."""

    transactionNumber: Text = None
    effectiveDate: Time = None
    source: Text = None
    transactions: Many[Transaction] = None
    orderChargeNumber: Text = None
    orderChargeId: Id = None
    revenueScheduleItemId: Id = None
    invoice: TransactionInvoice | None = None
    invoiceAccountId: Id = None
    invoiceId: Id = None
    invoiceLineId: Id = None
    paymentId: Id = None
    paymentSettlementId: Id = None
    invoiceAccount: TransactionAccount | None = None
    journalId: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None


class RevenueScheduleInvoiceLine(Model):
    """An invoice line as a revenue schedule shows it."""

    id: Id = None
    invoiceId: Id = None
    invoiceNumber: Text = None
    invoiceDate: Time = None
    quantity: Number = None
    unitCode: Text = None
    price: Number = None
    subtotal: Number = None
    total: Number = None
    tax: Number = None
    subtotalPreDiscount: Number = None
    totalPreDiscount: Number = None
    taxPreDiscount: Number = None
    externalERPId: Text = None
    externalCRMId: Text = None
    servicePeriodStartDate: Time = None
    servicePeriodEndDate: Time = None
    notes: Text = None
    accountsReceivableAccount: Text = None
    deferredRevenueAccount: Text = None
    recognizedRevenueAccount: Text = None
    taxCategoryName: Text = None
    taxRate: Number = None


class RevenueScheduleItem(Model):
    """Deferred and recognized revenue of one period."""

    id: Id = None
    deferredRevenue: CurrencyAmount | None = None
    recognizedRevenue: CurrencyAmount | None = None
    accountingPeriod: AccountingPeriod | None = None
    invoiceLine: RevenueScheduleInvoiceLine | None = None
    orderProductCharge: SimpleOrderProductCharge | None = None
    created: Time = None
    modified: Time = None
