"""The ledger: journals, vouchers, transactions and revenue schedules."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import CurrencyAmount, SimpleOrderProductCharge


class AccountingPeriod(Model):
    """A period of a fiscal year."""

    description: Text = None
    fiscalYear: Integer = None
    """Fiscal year that the period belongs to. [name]"""
    fiscalPeriod: Integer = None
    """Number of the period in its fiscal year; whether it counts from 1 is not published. [name]"""
    fiscalQuarter: Integer = None
    """Quarter of the fiscal year; whether it counts from 1 is not published. [name]"""
    calendarYear: Integer = None
    """Calendar year of the period. [name]"""
    calendarMonth: Integer = None
    """Calendar month of the period, 1 to 12. [name]"""
    startDate: Time = None
    """First day of the period. [name]"""
    endDate: Time = None
    """Last day of the period. [name]"""
    status: Text = None
    """A closed period accepts no more transactions, but it can be opened again. Known values: Open,
    Closed; more may come. [text]"""
    closedDate: Time = None
    """Day on which the period was closed. [name]"""


class Transaction(Model):
    """One debit or credit of a voucher; it has no id."""

    custom_fields = "Posting"

    description: Text = None
    account: Text = None
    """Code of the ledger account: `code` of `chart_of_accounts`. [name]"""
    accountExternalCRMId: Text = None
    """Key of the ledger account in a CRM system. [name]"""
    accountExternalERPId: Text = None
    """Key of the ledger account in an ERP system. [name]"""
    accountExternalCode: Text = None
    """Code of the ledger account in another system. [name]"""
    debitAmount: Number = None
    """Debit, most likely in the legal entity's base currency; `salesCurrencyDebitAmount` has it in
    the currency of the sale. [name]"""
    creditAmount: Number = None
    """Credit, most likely in the legal entity's base currency; `salesCurrencyCreditAmount` has it
    in the currency of the sale. [name]"""
    salesCurrencyDebitAmount: Number = None
    """Debit in the currency of the sale, see `salesCurrency`. [name]"""
    salesCurrencyCreditAmount: Number = None
    """Credit in the currency of the sale, see `salesCurrency`. [name]"""
    salesCurrency: Text = None
    """ISO 4217 code of the currency of the sale. [name]"""
    exchangeRate: Number = None
    """Rate between the base currency and the currency of the sale; its direction is not published.
    [name]"""
    customFields: Fields = None


class Voucher(Model):
    """A voucher of a journal: transactions that balance; it has no id."""

    transactionNumber: Text = None
    effectiveDate: Time = None
    """Day on which it counts in the ledger. [name]"""
    source: Text = None
    """What caused it. Known values: Invoicing, RevenueRecognition, Payment, Payout, Order; more may
    come. [spec]"""
    transactions: Many[Transaction] = None
    """Debits and credits, which balance. [spec]"""
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
    """Accounting period that the journal belongs to. [text]"""
    journalType: Text = None
    description: Text = None
    """Free text about the journal. [name]"""
    posted: Flag = None
    postedDate: Time = None
    vouchers: Many[Voucher] = None
    """Vouchers of the journal; Younium also calls them accounting transactions. [spec]"""
    externalERPId: Text = None
    transferredToERP: Time = None
    created: Time = None
    modified: Time = None


class JournalDetails(Model):
    """A journal without its vouchers."""

    id: Id = None
    journalNumber: Text = None
    accountingPeriod: AccountingPeriod | None = None
    """Accounting period that the journal belongs to. [text]"""
    journalType: Text = None
    description: Text = None
    """Free text about the journal. [name]"""
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
    """The invoice: `id` of `invoices`. [spec]"""
    invoiceNumber: Text = None
    status: Text = None
    """Present state of the invoice. `Posted` and `Settled` count as invoiced revenue. Known values:
    Draft, Posted, Cancelled, Settled; more may come. [spec]"""
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
    """The account: `id` of `accounts`. [spec]"""
    accountNumber: Text = None
    accountType: Text = None
    invoiceDeliveryMethod: Text = None
    name: Text = None
    organizationNumber: Text = None
    accountsReceivable: Text = None
    """Code of the ledger account for receivables: `code` of `chart_of_accounts`. [records]"""
    currencyCode: Text = None
    """ISO 4217 code of the account's default currency. [records]"""
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
    """Day on which it counts in the ledger. [name]"""
    source: Text = None
    """What caused it. Known values: Invoicing, RevenueRecognition, Payment, Payout, Order; more may
    come. [spec]"""
    transactions: Many[Transaction] = None
    """Debits and credits, which balance. [spec]"""
    orderChargeNumber: Text = None
    orderChargeId: Id = None
    revenueScheduleItemId: Id = None
    invoice: TransactionInvoice | None = None
    """Invoice that it records, with present values. [spec]"""
    invoiceAccountId: Id = None
    invoiceId: Id = None
    invoiceLineId: Id = None
    paymentId: Id = None
    paymentSettlementId: Id = None
    invoiceAccount: TransactionAccount | None = None
    """Account that was invoiced, with present values. [spec]"""
    journalId: Id = None
    """Journal that it is in: `id` of `journals`. [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None


class RevenueScheduleInvoiceLine(Model):
    """An invoice line as a revenue schedule shows it."""

    id: Id = None
    """The invoice line: `id` of `invoice_lines`. [spec]"""
    invoiceId: Id = None
    invoiceNumber: Text = None
    invoiceDate: Time = None
    quantity: Number = None
    """Units billed; absent for flat charges. [records]"""
    unitCode: Text = None
    price: Number = None
    """Price of a unit, in the invoice's currency; 0 for flat charges, whose amount is in
    `subtotal`. [records]"""
    subtotal: Number = None
    total: Number = None
    """Amount with tax, in the invoice's currency. Whether it is always negative on invoices of type
    `Credit` is not published. [records]"""
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
    """Revenue that is not yet earned. Whether it is the balance at the end of the period or the
    change in it is not published. [name]"""
    recognizedRevenue: CurrencyAmount | None = None
    """Revenue of the period. [name]"""
    accountingPeriod: AccountingPeriod | None = None
    """Period whose revenue it is. [spec]"""
    invoiceLine: RevenueScheduleInvoiceLine | None = None
    """Invoice line whose amount is spread over periods. [spec]"""
    orderProductCharge: SimpleOrderProductCharge | None = None
    """Charge of the order. [spec]"""
    created: Time = None
    modified: Time = None
