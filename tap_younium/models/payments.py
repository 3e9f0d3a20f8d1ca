"""Payments, how they settle invoices, and write-offs."""

from tap_younium.models.base import Id, Many, Model, Number, Text, Time
from tap_younium.models.common import CurrencyAmount, FinancialAccount, SimpleAccount


class WriteOff(Model):
    """An amount that will not be paid."""

    id: Id = None
    amount: CurrencyAmount | None = None
    """Money that the customer does not have to pay. [text]"""
    postingText: Text = None
    """Text of the entry in the ledger. [text]"""
    financialAccount: FinancialAccount | None = None
    """Ledger account that the amount is posted to. [text]"""


class PaymentSettlementInvoice(Model):
    """An invoice as a settlement shows it."""

    account: SimpleAccount | None = None
    """Account that was invoiced. [spec]"""
    id: Id = None
    """The invoice: `id` of `invoices`. [spec]"""
    invoiceNumber: Text = None
    status: Text = None
    """Present state of the invoice. Known values: Draft, Posted, Cancelled, Settled; more may come.
    [spec]"""
    invoiceDate: Time = None
    dueDate: Time = None
    buyerReference: Text = None
    ocrNumber: Text = None
    currency: Text = None
    subtotal: Number = None
    tax: Number = None
    totalAmount: Number = None
    settledAmount: Number = None
    externalERPId: Text = None
    externalCRMId: Text = None


class PaymentSettlement(Model):
    """The part of a payment that settles one invoice; it has no id."""

    amount: CurrencyAmount | None = None
    """Part of the payment that goes to this invoice. [name]"""
    invoice: PaymentSettlementInvoice | None = None
    """Invoice that is settled, with present amounts and state. [spec]"""
    writeOffs: Many[WriteOff] = None
    """What the customer paid too little and is not asked for. [text]"""


class Payment(Model):
    """A payment; its rows carry no times of change."""

    id: Id = None
    payerName: Text = None
    """Who paid, as the bank reports it. Can be personal data. [name]"""
    payerInformation: Text = None
    """More about who paid, as the bank reports it. Can be personal data. [name]"""
    paymentDate: Time = None
    """Day on which the money arrived. [text]"""
    postedDate: Time = None
    """Day on which the payment was posted; empty before. [name]"""
    reference: Text = None
    """What the payment is matched by: usually the invoice number or OCR number. [text]"""
    description: Text = None
    """Text of the payment or of its batch. [text]"""
    amount: CurrencyAmount | None = None
    """Money received, in the payment's currency. The sign of refunds and payouts is not published.
    [text]"""
    bankFeeAmount: CurrencyAmount | None = None
    """The bank's fee for the payment. [text]"""
    exchangeRate: Number = None
    """Most likely units of the legal entity's base currency for one unit of the payment's currency.
    The direction is not published. [name]"""
    paymentAccount: FinancialAccount | None = None
    """Ledger account that the payment is posted to. [text]"""
    BankFeeAccount: FinancialAccount | None = None
    """Ledger account that the bank's fee is posted to. [spec]"""
    paymentMethodName: Text = None
    """Name of the payment method. [name]"""
    paymentMethodId: Id = None
    """Key of the payment method; no endpoint lists them. [name]"""
    paymentBatchNumber: Text = None
    """Number of the payment's batch. A payment that is entered by hand has a batch of its own.
    [text]"""
    paymentBatchId: Id = None
    """Key of the payment's batch. A payment that is entered by hand has a batch of its own.
    [text]"""
    paymentSettlements: Many[PaymentSettlement] = None
    """What the payment settles: one payment can settle several invoices. [text]"""
    paymentWriteOffs: Many[WriteOff] = None
    """Excess that will not be matched. Younium does not fill it yet, so it is empty. [spec]"""
    externalBankId: Text = None
    """Key of the payment at the bank. [name]"""
    onlinePaymentIntentId: Text = None
    """Key of the payment intent at the payment provider. [name]"""
    onlinePaymentChargeId: Text = None
    """Key of the charge at the payment provider. [name]"""
