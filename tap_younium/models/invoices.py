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
    """Days to pay. Some payment terms count them from the end of the month. [records]"""
    name: Text = None
    """Name of the payment term, such as `30`. [records]"""


class OnlinePaymentLog(Model):
    """One try to collect an invoice online; it has no id."""

    failedPayment: Flag = None
    """True if the attempt to collect the invoice failed. [name]"""
    paymentDescription: Text = None
    """What happened in the attempt, as text. [name]"""
    timeStamp: Time = None
    """Time of the attempt. [name]"""
    payoutId: Text = None
    """The payment provider's key of the payout, if the row is one. [name]"""
    isPayout: Flag = None
    """True if the row is a payout by the payment provider. [name]"""
    paymentIntentId: Text = None
    """The payment provider's key of the payment. [name]"""


class InvoiceLine(Model):
    """A line of an invoice."""

    custom_fields = "InvoiceLine"

    id: Id = None
    invoiceId: Id = None
    """The invoice that the line is on. Can be null. [spec]"""
    invoiceLineNumber: Integer = None
    """Position of the line on the invoice, counted from 1. [records]"""
    productNumber: Text = None
    """Number of the product on the order, such as `OP-000185`. It is not the number in the product
    catalog; join the catalog by `chargePlanId`. [records]"""
    productName: Text = None
    """Name of the product on the order. [records]"""
    chargeDescription: Text = None
    """Text that describes the charge on the invoice. [records]"""
    chargeNumber: Text = None
    """Number of the charge on the order, such as `OPC-000185`. It is not the number in the product
    catalog. [records]"""
    charge: SimpleOrderProductCharge | None = None
    """The charge on the order that the line bills. [spec]"""
    quantity: Number = None
    """Units billed; null if the charge has a flat price. [records]"""
    unitOfMeasure: UnitOfMeasure | None = None
    """Unit in which `quantity` is counted. [spec]"""
    price: Number = None
    """Price of one unit, in the invoice's currency. 0 if the charge has a flat price; its amount is
    in `subtotal`. [records]"""
    subtotal: Number = None
    """Amount of the line before tax and after discounts, in the invoice's currency. Whether it is
    always negative on invoices of type `Credit` is not published. [records]"""
    subtotalBaseAmount: Number = None
    """`subtotal` in the legal entity's base currency. [name]"""
    total: Number = None
    """Amount of the line including tax, in the invoice's currency. Whether it is always negative on
    invoices of type `Credit` is not published. [records]"""
    totalBaseAmount: Number = None
    """`total` in the legal entity's base currency. [name]"""
    tax: Number = None
    """Tax on the line, in the invoice's currency. Whether it is always negative on invoices of type
    `Credit` is not published. [records]"""
    taxBaseAmount: Number = None
    """`tax` in the legal entity's base currency. [name]"""
    subtotalPreDiscount: Number = None
    """Amount of the line before tax and before discounts, in the invoice's currency. [name]"""
    subtotalPreDiscountBaseAmount: Number = None
    """`subtotalPreDiscount` in the legal entity's base currency. [name]"""
    totalPreDiscount: Number = None
    """Amount of the line including tax and before discounts, in the invoice's currency. [name]"""
    totalPreDiscountBaseAmount: Number = None
    """`totalPreDiscount` in the legal entity's base currency. [name]"""
    taxPreDiscount: Number = None
    """Tax on the line before discounts, in the invoice's currency. [name]"""
    taxPreDiscountBaseAmount: Number = None
    """`taxPreDiscount` in the legal entity's base currency. [name]"""
    exchangeRate: Number = None
    """Units of the legal entity's base currency for one unit of the invoice's currency. [name]"""
    servicePeriodStartDate: Time = None
    """First day of the period that the line bills. [records]"""
    servicePeriodEndDate: Time = None
    """Last day of the period that the line bills (inclusive). [records]"""
    notes: Text = None
    orderChargeId: Id = None
    """The charge on the order that the line bills. [records]"""
    orderId: Id = None
    """The version of the order that the line bills. [records]"""
    accountId: Id = None
    """The account of the line. In all known records, it is the invoiced account and the order's
    account. [records]"""
    chargePlanId: Id = None
    """Charge plan in the product catalog that the product on the order was created from.
    [records]"""
    orderProductId: Id = None
    """The product on the order that the line bills. [records]"""
    customFields: Fields = None
    accountsReceivable: FinancialAccount | None = None
    """Ledger account for what the customer owes. [spec]"""
    deferredRevenue: FinancialAccount | None = None
    """Ledger account (not an amount) for revenue that is invoiced but not earned yet. [records]"""
    recognizedRevenue: FinancialAccount | None = None
    """Ledger account (not an amount) for earned revenue. [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    taxCategoryName: Text = None
    """Name of the tax category, such as `Export`. [records]"""
    taxRate: Number = None
    """Tax rate of the line. Younium does not publish whether 10 or 0.1 means ten percent. [name]"""


class Invoice(Model):
    """An invoice or credit note with its lines."""

    custom_fields = "Invoice"

    id: Id = None
    invoiceNumber: Text = None
    """Number that the invoice gets when it is posted, such as `I-000003`; null on drafts. [text]"""
    status: Text = None
    """State of the invoice: draft, posted (open), cancelled or settled. Only drafts can be
    cancelled; a posted invoice can only be credited. `Posted` and `Settled` invoices count as
    invoiced revenue. Known values: Draft, Posted, Cancelled, Settled; more may come. [text]"""
    account: SimpleAccount | None = None
    """Account that was invoiced. [records]"""
    notes: Text = None
    invoiceDate: Time = None
    """Date printed on the invoice. The due date and the ledger follow it. For the days that are
    billed, see the service periods of the lines. [text]"""
    dueDate: Time = None
    """Day on which payment is due, as the payment term says: in all known records, its days after
    `invoiceDate`. [records]"""
    paymentDate: Time = None
    """Day on which the invoice was paid; null while it is unpaid. [name]"""
    lastPaymentDate: Time = None
    """Day of the newest payment; null while there is none. [name]"""
    daysPastDue: Integer = None
    """Days since `dueDate` at the time when the tap read the invoice. For today's value, calculate
    it from `dueDate`. [records]"""
    nrOfReminders: Integer = None
    """How many payment reminders were sent. [name]"""
    paymentTerm: InvoicePaymentTerm | None = None
    """Payment term that sets `dueDate`. [records]"""
    currency: Text = None
    """ISO 4217 code of the invoice's currency, such as `EUR`. All amounts without `Base` in their
    name are in it. It can differ from the order's currency. [records]"""
    subtotal: Number = None
    """Amount before tax and after discounts, in the invoice's currency. Whether it is always
    negative for invoices of type `Credit` is not published. [records]"""
    subtotalBaseAmount: Number = None
    """`subtotal` in the legal entity's base currency. [name]"""
    tax: Number = None
    """Tax on the invoice, in its currency. Whether it is always negative for invoices of type
    `Credit` is not published. [records]"""
    taxBaseAmount: Number = None
    """`tax` in the legal entity's base currency. [name]"""
    totalAmount: Number = None
    """Amount including tax, in the invoice's currency. Below 0, the invoice counts as a credit
    note. Whether invoices of type `Credit` always have negative amounts is not published. [text]"""
    totalBaseAmount: Number = None
    """`totalAmount` in the legal entity's base currency. [name]"""
    totalRoundingAmount: Number = None
    """Rounding that `totalAmount` includes, in the invoice's currency. [name]"""
    totalRoundingBaseAmount: Number = None
    """`totalRoundingAmount` in the legal entity's base currency. [name]"""
    settledAmount: Number = None
    """Amount that payments and credits have settled, in the invoice's currency. Whether it includes
    write-offs is not published. [name]"""
    settledBaseAmount: Number = None
    """`settledAmount` in the legal entity's base currency. [name]"""
    balancedAmount: Number = None
    """Amount left to pay, in the invoice's currency: `totalAmount` minus `settledAmount`. Below 0
    if the invoice is overpaid. [text]"""
    balancedBaseAmount: Number = None
    """`balancedAmount` in the legal entity's base currency. [name]"""
    taxIncluded: Flag = None
    """True if the prices and amounts of the lines include tax. Whether `subtotal` is then still
    without tax is not published. [name]"""
    invoiceAddress: Address | None = None
    """Address for the invoice: a copy with an `id` of its own, not a row of the account's
    addresses. [records]"""
    deliveryAddress: Address | None = None
    """Address for the delivery: a copy with an `id` of its own, not a row of the account's
    addresses. [records]"""
    invoiceBatchId: Id = None
    """The run that created the invoice. [records]"""
    invoiceLines: Many[InvoiceLine] = None
    """What the invoice bills: charges, amounts and service periods. [records]"""
    latestOnlinePaymentLogs: Many[OnlinePaymentLog] = None
    """The three newest attempts to collect the invoice online. The stream `invoice_payment_logs`
    has all of them. [spec]"""
    onlinePaymentStatus: Text = None
    """How far the online payment is. Known values: None, Succeeded, Processing, Failed; more may
    come. [spec]"""
    yourReference: Text = None
    """Contact person at the customer. [name]"""
    ourReference: Text = None
    """Contact person at the seller, the company that uses Younium. [records]"""
    yourOrderNumber: Text = None
    """The customer's purchase order number. [name]"""
    buyerReference: Text = None
    """Reference of the buyer for electronic invoices. [name]"""
    invoiceType: Text = None
    """Kind of document: an invoice for orders, a credit note (`Credit`), or an invoice to an
    account without an order (`OnAccount`). Known values: Invoice, Credit, OnAccount; more may come.
    [text]"""
    ocrNumber: Text = None
    """Payment reference. Younium matches payments by it or by the invoice number. [text]"""
    sendMethod: Text = None
    """How the invoice was sent, as text such as `No send method`. [records]"""
    exchangeRate: Number = None
    """Units of the legal entity's base currency for one unit of the invoice's currency, such as
    10.8338 SEK for 1 EUR. [records]"""
    settledNotes: Text = None
    """Free text about the settlement. [name]"""
    invoiceDeliveryMethod: Text = None
    """How the invoice is to be sent. Known values: Email, Print, ElectronicInvoice, ExternalPrint,
    AutomaticElectronicRouting; more may come. [spec]"""
    paymentMethodForInvoice: Text = None
    """How the customer is to pay the invoice. Known values: Invoice, Stripe, GoCardless; more may
    come. [spec]"""
    invoiceTemplateId: Id = None
    """Document template that the invoice is made with. [name]"""
    disableAutomaticInvoiceReminder: Flag = None
    """True if Younium sends no automatic reminders for the invoice. [name]"""
    onlinePaymentLink: Text = None
    """Link where the customer can pay the invoice. [name]"""
    accountsReceivable: FinancialAccount | None = None
    """Ledger account for what the customer owes. [records]"""
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None


class InvoiceAttachment(Model):
    """A file of an invoice; `fileURL` is a link that expires."""

    invoiceId: Id = None
    """The invoice that the file belongs to. [name]"""
    attachmentDetail: Text = None
    id: Id = None
    name: Text = None
    """Name of the file. [name]"""
    contentType: Text = None
    """Media type of the file, such as `application/pdf`. [name]"""
    created: Time = None
    modified: Time = None
    fileURL: Text = None
    """Link to download the file. It expires after at most 24 hours. [spec]"""
    fileURLErrorMessage: Text = None
    """Why Younium could not create a link; null if there is one. [spec]"""


class RelatedInvoice(Model):
    """An invoice that credits, or is credited by, another."""

    invoiceType: Text = None
    """Kind of document: an invoice for orders, a credit note (`Credit`), or an invoice to an
    account without an order (`OnAccount`). Known values: Invoice, Credit, OnAccount; more may come.
    [text]"""
    debitInvoiceId: Id = None
    """The invoice that the credit note credits. [name]"""
    creditInvoiceId: Id = None
    """The credit note that credits the invoice in `debitInvoiceId`. [name]"""
    invoiceNumber: Text = None
    """Number of the invoice, such as `I-000003`; null on drafts. [text]"""
    status: Text = None
    """State of the invoice: draft, posted (open), cancelled or settled. Known values: Draft,
    Posted, Cancelled, Settled; more may come. [text]"""
    invoiceDate: Time = None
    """Date printed on the invoice. [text]"""
    currency: Text = None
    """ISO 4217 code of the invoice's currency. [records]"""
    subtotal: Number = None
    """Amount before tax and after discounts, in the invoice's currency. Whether it is always
    negative for invoices of type `Credit` is not published. [records]"""
    totalAmount: Number = None
    """Amount including tax, in the invoice's currency. Below 0, the invoice counts as a credit
    note. [text]"""
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleInvoice(Model):
    """A reference to an invoice."""

    invoiceNumber: Text = None
    """Number of the invoice, such as `I-000003`; null on drafts. [text]"""
    status: Text = None
    """State of the invoice: draft, posted (open), cancelled or settled. Known values: Draft,
    Posted, Cancelled, Settled; more may come. [text]"""
    invoiceDate: Time = None
    """Date printed on the invoice. [text]"""
    currency: Text = None
    """ISO 4217 code of the invoice's currency. [records]"""
    subtotal: Number = None
    """Amount before tax and after discounts, in the invoice's currency. Whether it is always
    negative for invoices of type `Credit` is not published. [records]"""
    totalAmount: Number = None
    """Amount including tax, in the invoice's currency. Below 0, the invoice counts as a credit
    note. [text]"""
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class InvoiceBatchLog(Model):
    """An error of an invoice batch; it has no id."""

    entityId: Id = None
    """Key of the object that the error is about. [name]"""
    errorMessage: Text = None
    """What went wrong, as text. [name]"""
    reference: Text = None
    """Number of the object that the error is about. [name]"""
    entityName: Text = None
    """Kind of object that the error is about. [name]"""
    created: Time = None
    modified: Time = None


class InvoiceBatch(Model):
    """A run that made invoices."""

    id: Id = None
    batchNumber: Text = None
    """Number by which people refer to the run. [name]"""
    targetDate: Time = None
    """The run bills all periods up to this day that are not billed yet. [text]"""
    invoiceDate: Time = None
    """Invoice date of the invoices that the run created. [text]"""
    batchGroups: Many[str] = None
    """Invoice batch groups that the run covered. [spec]"""
    invoices: Many[SimpleInvoice] = None
    """Invoices that the run created. [spec]"""
    batchLog: Many[InvoiceBatchLog] = None
    """Errors of the run. [spec]"""
    created: Time = None
    modified: Time = None


class InvoiceBatchGroup(Model):
    """A group of accounts or orders that are invoiced together."""

    id: Id = None
    code: Text = None
    """Code by which people refer to the group. [name]"""
    description: Text = None
