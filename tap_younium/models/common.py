"""Objects that several areas share, and fields that repeat in many objects."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Model, Number, Text, Time


class CurrencyAmount(Model):
    """Money in one currency and in the legal entity's base currency."""

    amount: Number = None
    """Money in the object's own currency: the order's for orders, charges and booking lines, the
    account's for accounts. [records]"""
    currencyCode: Text = None
    """ISO 4217 code of the currency of `amount`; absent if an account has nothing to sum.
    [records]"""
    currencyConversionDate: Time = None
    """Day whose exchange rate was used: the booking's day in all known records. Set on charges and
    booking lines, absent on sums over products, orders and accounts. [records]"""
    baseCurrencyAmount: Number = None
    """The same money in the legal entity's base currency: `amount` times the exchange rate.
    [records]"""
    baseCurrencyCode: Text = None
    """ISO 4217 code of the legal entity's base currency. [records]"""


class AmountWithBaseCurrency(Model):
    """Money on a booking: the order's currency and the base currency, without codes."""

    amount: Number = None
    """Money in the order's currency. [records]"""
    amountInBaseCurrency: Number = None
    """The same money in the legal entity's base currency, whose code is not given. [records]"""


class Address(Model):
    """A postal address."""

    id: Id = None
    """Key of the address. Orders have the ids of the account's addresses; invoices have copies with
    other ids. [records]"""
    description: Text = None
    """Label of the address, such as `Invoice address`. [records]"""
    name: Text = None
    """Name of the recipient. [name]"""
    street: Text = None
    """First line of the street address. [records]"""
    street2: Text = None
    """Second line of the street address. [records]"""
    city: Text = None
    """City or town. [name]"""
    county: Text = None
    """County or district. [name]"""
    state: Text = None
    """State or region. [name]"""
    zip: Text = None
    """Postal code. [name]"""
    country: Text = None
    """Name of the country, not its code, such as `Sweden`. [records]"""


class SimpleAccount(Model):
    """A reference to an account."""

    name: Text = None
    accountNumber: Text = None
    id: Id = None
    """The account: `id` of `accounts`. [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrder(Model):
    """A reference to a subscription or a sales order."""

    orderNumber: Text = None
    """Number that all versions of the order share, such as `O-000185`. [records]"""
    id: Id = None
    """The version of the order: `id` of a row of `subscriptions`, `sales_orders` or their versions.
    [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrderProduct(Model):
    """A reference to a product on an order."""

    description: Text = None
    productNumber: Text = None
    """The order's own number of the product (`OP-…`), not that in the product catalog. [spec]"""
    id: Id = None
    """The product on the order version: `id` of `subscription_products` or `sales_order_products`.
    [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrderProductCharge(Model):
    """A reference to a charge on an order."""

    name: Text = None
    chargeNumber: Text = None
    """The order's own number of the charge (`OPC-…`), not that in the product catalog. [records]"""
    description: Text = None
    id: Id = None
    """The charge of the order version: `id` of `subscription_charges` or `sales_order_charges`.
    [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleCharge(Model):
    """A reference to a charge in the product catalog."""

    chargeNumber: Text = None
    """Number of the charge in the product catalog (`C-…`). [spec]"""
    name: Text = None
    id: Id = None
    """The charge in the product catalog: `id` of `product_charges`. [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class Feature(Model):
    """A feature that a charge gives; it has no id."""

    code: Text = None
    """Code that identifies the feature. [name]"""
    description: Text = None
    """Text about the feature. [name]"""


class UnitOfMeasure(Model):
    """A unit that quantities are counted in."""

    id: Id = None
    unitCode: Text = None
    """Short code of the unit, such as `pcs`, which charges and usage refer to. [spec]"""
    name: Text = None
    displayName: Text = None
    """Name of the unit on documents. [name]"""


class FinancialAccount(Model):
    """An account of the chart of accounts."""

    id: Id = None
    code: Text = None
    """Number of the ledger account, such as `1510`, which text fields with a ledger account
    contain. [records]"""
    name: Text = None
    """Name of the ledger account. [records]"""
    description: Text = None
    """Text about the ledger account. [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None


class Common:
    """Fields that mean the same in many objects. An object's own docstring takes precedence."""

    id: Id
    """Key that Younium gave the record. [spec]"""
    created: Time
    """When the record was created. Younium sends no time zone; the tap treats it as UTC.
    [records]"""
    modified: Time
    """When the record itself last changed; a change of a nested record does not move it. Younium
    sends no time zone; the tap treats it as UTC. [records]"""
    name: Text
    """Name that people see. [name]"""
    description: Text
    """Free text about the record. [name]"""
    externalERPId: Text
    """Key of the record in an ERP system, set by integrations. [name]"""
    externalCRMId: Text
    """Key of the record in a CRM system, set by integrations. [name]"""
    customFields: Fields
    """Values of the tenant's custom fields by key, as `custom_field_configurations` lists them; an
    empty object if there are none. [records]"""
    notes: Text
    """Free text. [name]"""
    remarks: Text
    """Free text for the other party or the document. [name]"""
    currency: Text
    """ISO 4217 code of the currency of the record's plain amounts, such as `EUR`. [records]"""

    accountNumber: Text
    """Number that Younium counts up and people see, such as `A-000001`. [records]"""
    accountType: Text
    """What the account is to the seller. A prospect becomes a customer when its quote becomes an
    order. Known values: Customer, Reseller, Subsidiary, Prospect, Other; more may come. [spec]"""
    organizationNumber: Text
    """Company registration number. [name]"""
    taxRegistrationNumber: Text
    """VAT or tax registration number. [name]"""
    invoiceDeliveryMethod: Text
    """How invoices are sent. Known values: Email, Print, ElectronicInvoice, ExternalPrint,
    AutomaticElectronicRouting; more may come. [spec]"""
    invoiceBatchGroupId: Id
    """Group that is invoiced in one batch: `id` of `invoice_batch_groups`. [name]"""

    # Recurring revenue

    cmrr: CurrencyAmount
    """Committed monthly recurring revenue: what recurring charges bring per month, whatever their
    billing period. It assumes renewal and counts from the booking, so it is not the MRR of a
    calendar month. [text]"""
    acv: CurrencyAmount
    """Annual contract value: 12 times `cmrr` in all known records. [records]"""
    tcv: CurrencyAmount
    """Total contract value: the term in months times `cmrr` in all known records. Whether it
    includes one-time fees is not published. [records]"""
    oneTimeFees: CurrencyAmount
    """Sum of the one-off charges, which recurring figures do not include. [text]"""

    # Products and their charges. On products, values are the defaults of new orders.

    chargeType: Text
    """Whether the charge is one-off, recurring, or billed by usage or measurement. Known values:
    OneOff, Recurring, Usage, Measured; more may come. [spec]"""
    priceModel: Text
    """How the price follows from the quantity; the type of charge limits the choice. Known values:
    Flat, Quantity, Volume, Tiered, Rated; more may come. [text]"""
    defaultQuantity: Number
    """Quantity that a new order starts with. [name]"""
    category: Text
    """Name of the category that the product is listed under, such as `Core service`. [records]"""
    activationDate: Time
    """First day on which the product can be sold. [name]"""
    endOfNewSalesDate: Time
    """Last day for new sales of the product; whether it is inclusive is not published. [name]"""
    endOfRenewalDate: Time
    """Last day for renewals of the product; whether it is inclusive is not published. [name]"""
    endOfLifeDate: Time
    """Day on which the product goes out of use. [name]"""
    unitCode: Text
    """Unit that the quantity is counted in: `unitCode` of `units_of_measurement`. [spec]"""
    pricePeriod: Text
    """Time that one price covers. Known values: Monthly, Quarterly, Annual; more may come.
    [spec]"""
    usageRating: Text
    """How the usage of a period is combined before it is priced. Known values: Sum, Max, Average;
    more may come. [spec]"""
    createInvoiceLinesPerTier: Flag
    """Whether each price tier gets an invoice line of its own. [name]"""
    billingPeriod: Text
    """Time that one invoice covers; on a product, the default of new orders. Known values: Monthly,
    Quarterly, Annual, EndOfTerm, Biannual; more may come. [spec]"""
    billingTiming: Text
    """Whether a period is billed at its start or after its end; usage is always billed after it.
    Known values: InAdvance, InArrears; more may come. [text]"""
    billingDay: Text
    """What determines the day of the month of billing. Known values: None, FirstDayOfMonth,
    LastDayOfMonth, FromOrder, FromCharge, FromAccount, SpecificDay, DaysOffset; more may come.
    [spec]"""
    specificBillingDay: Integer
    """Day of the month of billing if `billingDay` is `SpecificDay`, otherwise 0. [records]"""
    periodAlignment: Text
    """What billing periods are aligned to. Known values: None, AlignToOrder, AlignToCharge,
    AlignToMonth, AlignToCalendarQuarter, AlignToDate; more may come. [spec]"""
    taxTemplate: Text
    """Name, not id, of the tax template in `tax_templates`, such as `Standard`. [records]"""
    taxIncluded: Flag
    """Whether prices and amounts include tax. [name]"""
    accountsReceivableAccount: Text
    """Ledger account for receivables: `code` of `chart_of_accounts`. [records]"""
    deferredRevenueAccount: Text
    """Ledger account for deferred revenue: `code` of `chart_of_accounts`, such as `2970`.
    [records]"""
    recognizedRevenueAccount: Text
    """Ledger account for recognized revenue: `code` of `chart_of_accounts`, such as `3000`.
    [records]"""

    # Documents

    buyerReference: Text
    """The buyer's reference for electronic invoices. [name]"""
    invoiceType: Text
    """Whether it is an invoice, a credit invoice, or an invoice on an account without an order.
    Known values: Invoice, Credit, OnAccount; more may come. [spec]"""
    invoiceNumber: Text
    """Number that the invoice gets when it is posted, such as `I-000003`; drafts have none.
    [text]"""
    invoiceDate: Time
    """Date printed on the invoice, which determines its due date and its date in the ledger.
    [text]"""
    invoiceBatchId: Id
    """Invoice batch that created the invoice: `id` of `invoice_batches`. [records]"""
    ocrNumber: Text
    """Payment reference that payments are matched by, besides the invoice number. [text]"""
    dueDate: Time
    """Day on which the payment is due: the invoice date plus the days of the payment term.
    [records]"""
    subtotal: Number
    """Amount before tax and after discounts, in the invoice's currency. Whether it is always
    negative for invoices of type `Credit` is not published. [records]"""
    tax: Number
    """Amount of tax, in the invoice's currency. Whether it is always negative for invoices of type
    `Credit` is not published. [records]"""
    totalAmount: Number
    """Amount with tax, in the invoice's currency. An invoice with a negative total counts as a
    credit invoice. [text]"""
    settledAmount: Number
    """What payments and credits have settled, in the invoice's currency. Whether it includes
    write-offs is not published. [name]"""
    subtotalPreDiscount: Number
    """Amount before tax and before discounts, in the invoice's currency. [name]"""
    totalPreDiscount: Number
    """Amount with tax before discounts, in the invoice's currency. [name]"""
    taxPreDiscount: Number
    """Amount of tax before discounts, in the invoice's currency. [name]"""
    servicePeriodStartDate: Time
    """First day that the invoice line bills, inclusive. [records]"""
    servicePeriodEndDate: Time
    """Last day that the invoice line bills, inclusive. [records]"""
    taxCategoryName: Text
    """Name of the tax category, such as `Export`. [records]"""
    taxRate: Number
    """Rate of the tax; whether as percent or fraction is not published. [name]"""

    # The ledger

    journalNumber: Text
    """Number of the journal that people see. [name]"""
    journalType: Text
    """What the journal records. Known values: Invoice, RevenueRecognition, Payment, Payout, Order;
    more may come. [spec]"""
    posted: Flag
    """Whether the journal is final. All journals of a period must be posted before it is closed.
    [text]"""
    postedDate: Time
    """Day of posting; empty before. [name]"""
    transferredToERP: Time
    """Day of the transfer to the ERP system, set by the integration. [spec]"""
    transactionNumber: Text
    """Number of the voucher. [name]"""
    orderChargeNumber: Text
    """Number of the order's charge that the voucher records: `chargeNumber` of
    `subscription_charges` or `sales_order_charges`. [name]"""
    orderChargeId: Id
    """Charge of the order that the voucher records: `id` of `subscription_charges` or
    `sales_order_charges`. [name]"""
    revenueScheduleItemId: Id
    """Revenue schedule item that the voucher records: `id` of `revenue_schedules`. [name]"""
    invoiceAccountId: Id
    """Account that was invoiced: `id` of `accounts`. [name]"""
    invoiceId: Id
    """Invoice: `id` of `invoices`. [name]"""
    invoiceLineId: Id
    """Invoice line that the voucher records: `id` of `invoice_lines`. [name]"""
    paymentId: Id
    """Payment that the voucher records: `id` of `payments`. [name]"""
    paymentSettlementId: Id
    """Settlement that the voucher records; settlements have no id of their own. [name]"""
