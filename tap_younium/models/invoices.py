"""Invoices, their lines, batches, attachments and payment logs."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import (
    Address,
    FinancialAccount,
    SimpleAccount,
    SimpleOrderProductCharge,
    UnitOfMeasure,
)


class InvoicePaymentTerm(Model):
    """A payment term as an invoice shows it."""

    id: Id = None
    days: Integer = None
    name: Text = None


class OnlinePaymentLog(Model):
    """One try to collect an invoice online; it has no id."""

    failedPayment: Flag = None
    paymentDescription: Text = None
    timeStamp: Time = None
    payoutId: Text = None
    isPayout: Flag = None
    paymentIntentId: Text = None


class InvoiceLine(Model):
    """A line of an invoice."""

    custom_fields = "InvoiceLine"

    id: Id = None
    invoiceId: Id = None
    invoiceLineNumber: Integer = None
    productNumber: Text = None
    productName: Text = None
    chargeDescription: Text = None
    chargeNumber: Text = None
    charge: SimpleOrderProductCharge | None = None
    quantity: Number = None
    unitOfMeasure: UnitOfMeasure | None = None
    price: Number = None
    subtotal: Number = None
    subtotalBaseAmount: Number = None
    total: Number = None
    totalBaseAmount: Number = None
    tax: Number = None
    taxBaseAmount: Number = None
    subtotalPreDiscount: Number = None
    subtotalPreDiscountBaseAmount: Number = None
    totalPreDiscount: Number = None
    totalPreDiscountBaseAmount: Number = None
    taxPreDiscount: Number = None
    taxPreDiscountBaseAmount: Number = None
    exchangeRate: Number = None
    servicePeriodStartDate: Time = None
    servicePeriodEndDate: Time = None
    notes: Text = None
    orderChargeId: Id = None
    orderId: Id = None
    accountId: Id = None
    chargePlanId: Id = None
    orderProductId: Id = None
    customFields: Fields = None
    accountsReceivable: FinancialAccount | None = None
    deferredRevenue: FinancialAccount | None = None
    recognizedRevenue: FinancialAccount | None = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    taxCategoryName: Text = None
    taxRate: Number = None


class Invoice(Model):
    """An invoice or credit note with its lines."""

    custom_fields = "Invoice"

    id: Id = None
    invoiceNumber: Text = None
    status: Text = None
    account: SimpleAccount | None = None
    notes: Text = None
    invoiceDate: Time = None
    dueDate: Time = None
    paymentDate: Time = None
    lastPaymentDate: Time = None
    daysPastDue: Integer = None
    nrOfReminders: Integer = None
    paymentTerm: InvoicePaymentTerm | None = None
    currency: Text = None
    subtotal: Number = None
    subtotalBaseAmount: Number = None
    tax: Number = None
    taxBaseAmount: Number = None
    totalAmount: Number = None
    totalBaseAmount: Number = None
    totalRoundingAmount: Number = None
    totalRoundingBaseAmount: Number = None
    settledAmount: Number = None
    settledBaseAmount: Number = None
    balancedAmount: Number = None
    balancedBaseAmount: Number = None
    taxIncluded: Flag = None
    invoiceAddress: Address | None = None
    deliveryAddress: Address | None = None
    invoiceBatchId: Id = None
    invoiceLines: Many[InvoiceLine] = None
    latestOnlinePaymentLogs: Many[OnlinePaymentLog] = None
    onlinePaymentStatus: Text = None
    yourReference: Text = None
    ourReference: Text = None
    yourOrderNumber: Text = None
    buyerReference: Text = None
    invoiceType: Text = None
    ocrNumber: Text = None
    sendMethod: Text = None
    exchangeRate: Number = None
    settledNotes: Text = None
    invoiceDeliveryMethod: Text = None
    paymentMethodForInvoice: Text = None
    invoiceTemplateId: Id = None
    disableAutomaticInvoiceReminder: Flag = None
    onlinePaymentLink: Text = None
    accountsReceivable: FinancialAccount | None = None
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None


class InvoiceAttachment(Model):
    """A file of an invoice; `fileURL` is a link that expires."""

    invoiceId: Id = None
    attachmentDetail: Text = None
    id: Id = None
    name: Text = None
    contentType: Text = None
    created: Time = None
    modified: Time = None
    fileURL: Text = None
    fileURLErrorMessage: Text = None


class RelatedInvoice(Model):
    """An invoice that credits, or is credited by, another."""

    invoiceType: Text = None
    debitInvoiceId: Id = None
    creditInvoiceId: Id = None
    invoiceNumber: Text = None
    status: Text = None
    invoiceDate: Time = None
    currency: Text = None
    subtotal: Number = None
    totalAmount: Number = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleInvoice(Model):
    """A reference to an invoice."""

    invoiceNumber: Text = None
    status: Text = None
    invoiceDate: Time = None
    currency: Text = None
    subtotal: Number = None
    totalAmount: Number = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class InvoiceBatchLog(Model):
    """An error of an invoice batch; it has no id."""

    entityId: Id = None
    errorMessage: Text = None
    reference: Text = None
    entityName: Text = None
    created: Time = None
    modified: Time = None


class InvoiceBatch(Model):
    """A run that made invoices."""

    id: Id = None
    batchNumber: Text = None
    targetDate: Time = None
    invoiceDate: Time = None
    batchGroups: Many[str] = None
    invoices: Many[SimpleInvoice] = None
    batchLog: Many[InvoiceBatchLog] = None
    created: Time = None
    modified: Time = None


class InvoiceBatchGroup(Model):
    """A group of accounts or orders that are invoiced together."""

    id: Id = None
    code: Text = None
    description: Text = None
