"""Payments, how they settle invoices, and write-offs."""

from tap_younium.models.base import Id, Many, Model, Number, Text, Time
from tap_younium.models.common import CurrencyAmount, FinancialAccount, SimpleAccount


class WriteOff(Model):
    """An amount that will not be paid."""

    id: Id = None
    amount: CurrencyAmount | None = None
    postingText: Text = None
    financialAccount: FinancialAccount | None = None


class PaymentSettlementInvoice(Model):
    """An invoice as a settlement shows it."""

    account: SimpleAccount | None = None
    id: Id = None
    invoiceNumber: Text = None
    status: Text = None
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
    invoice: PaymentSettlementInvoice | None = None
    writeOffs: Many[WriteOff] = None


class Payment(Model):
    """A payment; its rows carry no times of change."""

    id: Id = None
    payerName: Text = None
    payerInformation: Text = None
    paymentDate: Time = None
    postedDate: Time = None
    reference: Text = None
    description: Text = None
    amount: CurrencyAmount | None = None
    bankFeeAmount: CurrencyAmount | None = None
    exchangeRate: Number = None
    paymentAccount: FinancialAccount | None = None
    BankFeeAccount: FinancialAccount | None = None
    paymentMethodName: Text = None
    paymentMethodId: Id = None
    paymentBatchNumber: Text = None
    paymentBatchId: Id = None
    paymentSettlements: Many[PaymentSettlement] = None
    paymentWriteOffs: Many[WriteOff] = None
    externalBankId: Text = None
    onlinePaymentIntentId: Text = None
    onlinePaymentChargeId: Text = None
