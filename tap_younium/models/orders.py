"""Subscriptions and sales orders, with their products, charges, discounts and milestones."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import Address, CurrencyAmount, Feature, SimpleAccount
from tap_younium.models.invoices import InvoiceBatchGroup


class OrderPriceDetails(Model):
    """A price, or a tier of one, on an order or a quote; it has no id."""

    tier: Integer = None
    """Position of the tier, counted from 0. Always 0 if the price model is `Flat` or `Quantity`.
    [text]"""
    price: Number = None
    """Agreed price for one `pricePeriod` of the charge, in the currency of the order or quote.
    [records]"""
    listPrice: Number = None
    """Price in the product catalog, for one `pricePeriod` of the charge. It can differ from `price`
    although no discount is set. [records]"""
    description: Text = None
    fromQuantity: Number = None
    """Quantity at which the tier starts. Younium derives it from the tier before. 0 if there are no
    tiers. [text]"""
    toQuantity: Number = None
    """Quantity at which the tier ends; 0 if there are no tiers. Whether it is inclusive is not
    published. The last tier can be unlimited, although no field says so. [text]"""
    priceBase: Text = None
    """Whether `price` is for the whole tier (`Flat`) or for each unit (`PerUnit`). Known values:
    Flat, PerUnit; more may come. [spec]"""
    lineDiscountPercent: Number = None
    """Discount on this price as a percentage; 0 if there is none. Younium does not publish whether
    10 or 0.1 means ten percent. [records]"""
    lineDiscountAmount: Number = None
    """Discount on this price as an amount in the currency of the order or quote; 0 if there is
    none. [records]"""


class OrderDiscountCharge(Model):
    """Links a discount to a charge."""

    orderDiscountId: Id = None
    """The discount, a row of `orderDiscounts` on the order. [name]"""
    chargeId: Id = None
    """The charge that the discount lowers. [name]"""


class OrderProductCharge(Model):
    """A charge on an order."""

    custom_fields = "OrderProductCharge"

    id: Id = None
    chargeNumber: Text = None
    """Number of the charge on the order, such as `OPC-000185`. It is not the number in the product
    catalog. [records]"""
    version: Integer = None
    """Version of the charge, counted from 1. Charges are versioned with their order. [text]"""
    isLastVersion: Flag = None
    """True only for the newest version of the charge. [records]"""
    name: Text = None
    chargeType: Text = None
    """Whether the charge is billed once, for each period, or by usage or measurements. Insights,
    Younium's reporting, counts only `Recurring` charges in MRR. Known values: OneOff, Recurring,
    Usage, Measured; more may come. [text]"""
    priceModel: Text = None
    """How the price depends on the quantity. The charge type limits the choice. `Rated` charges
    have no price details. Known values: Flat, Quantity, Volume, Tiered, Rated; more may come.
    [text]"""
    effectiveStartDate: Time = None
    """First day on which the charge is in force. It can differ from the order's first day.
    [records]"""
    effectiveEndDate: Time = None
    """Last day on which the charge is in force (inclusive). Null if it has no end. [records]"""
    quantity: Number = None
    """Units sold; 0 if the price model is `Flat`. [records]"""
    unitCode: Text = None
    """Code of the unit in which quantities are counted, such as `pcs`. [spec]"""
    startOn: Text = None
    """What sets `effectiveStartDate`: the start of the order, a fixed date or a milestone. Known
    values: AlignToSubscription, SpecificDate, Milestone; more may come. [text]"""
    endOn: Text = None
    """What sets `effectiveEndDate`: the end of the order, a fixed date or a milestone. Known
    values: AlignToSubscription, SpecificDate, Milestone; more may come. [text]"""
    chargedThroughDate: Time = None
    """First day that is not invoiced yet: the day after the last invoiced service period. Users can
    also set it by hand; the days before it then have no invoice. [records]"""
    lastRenewalDate: Time = None
    """Day on which the charge was last renewed; null before the first renewal. [name]"""
    lastPriceAdjustmentDate: Time = None
    """Day on which the price was last adjusted; null before the first adjustment. [name]"""
    pricePeriod: Text = None
    """Time that one price covers: with `Monthly`, prices are per month. It can differ from
    `billingPeriod`. Known values: Monthly, Quarterly, Annual; more may come. [records]"""
    usageRating: Text = None
    """How the usage in a period is combined before it is priced. Known values: Sum, Max, Average;
    more may come. [spec]"""
    revenueRecognitionRule: Text = None
    """Name of the rule that spreads the revenue over time, such as `Recognized monthly over time`.
    [records]"""
    billingDay: Text = None
    """What sets the day of the month on which the charge is billed. Known values: None,
    FirstDayOfMonth, LastDayOfMonth, FromOrder, FromCharge, FromAccount, SpecificDay, DaysOffset;
    more may come. [spec]"""
    specificBillingDay: Integer = None
    """Day of the month on which the charge is billed if `billingDay` is `SpecificDay`; otherwise 0.
    [records]"""
    offsetBillingDays: Integer = None
    """Days by which billing is moved; negative is earlier, so -75 bills 75 days before. Only for
    charges that are billed in advance. [text]"""
    billingPeriod: Text = None
    """Time that one invoice covers. `orderBillingPeriod` of the subscription overrides it if
    `setOrderBillingPeriod` is true. Known values: Monthly, Quarterly, Annual, EndOfTerm, Biannual;
    more may come. [spec]"""
    billingTiming: Text = None
    """Whether a period is billed at its start (`InAdvance`) or after its end (`InArrears`). Usage
    is always billed after the end. Known values: InAdvance, InArrears; more may come. [text]"""
    periodAlignment: Text = None
    """What billing periods are aligned to, such as the order, calendar quarters or the date in
    `alignmentDate`. Known values: None, AlignToOrder, AlignToCharge, AlignToMonth,
    AlignToCalendarQuarter, AlignToDate; more may come. [spec]"""
    alignmentDate: Time = None
    """Date that billing periods are aligned to if `periodAlignment` is `AlignToDate`. [name]"""
    taxTemplate: Text = None
    """Name (not `id`) of the tax template for the charge, such as `Standard`. [records]"""
    taxIncluded: Flag = None
    """True if prices and amounts of the charge include tax. [name]"""
    createInvoiceLinesPerTier: Flag = None
    """True if invoices get a line for each price tier. [name]"""
    estimatedUsage: Integer = None
    """Expected usage. It is an input of Younium's revenue figures, so those of a usage charge can
    contain an estimate. In which figures it is used is not published. [spec]"""
    estimatedQuantity: Integer = None
    """Expected quantity. It is an input of Younium's revenue figures, so those of a usage charge
    can contain an estimate. In which figures it is used is not published. [spec]"""
    remainingQuantity: Number = None
    """Units that are not delivered yet. [name]"""
    orderedQuantity: Number = None
    """Units that were ordered originally. [name]"""
    deliveryDate: Time = None
    """Day on which the units are delivered. [name]"""
    remarks: Text = None
    accountsReceivableAccount: Text = None
    """Code of the ledger account for what the customer owes, such as `1510`. [records]"""
    deferredRevenueAccount: Text = None
    """Code of the ledger account for revenue that is invoiced but not earned yet, such as `2970`.
    [records]"""
    recognizedRevenueAccount: Text = None
    """Code of the ledger account for earned revenue, such as `3000`. [records]"""
    changeState: Text = None
    """What this version of the order did to the charge. Known values: NotChanged, New, Cancelled,
    NewFromChange, CancelledFromChange, Credit, PartialDelivery, ClosedPartialDelivery, Credited;
    more may come. [spec]"""
    displayPrice: Number = None
    """Price of the charge as Younium shows it: for one `pricePeriod`, in the order's currency.
    [records]"""
    customFields: Fields = None
    priceDetails: Many[OrderPriceDetails] = None
    """Prices of the charge: one, or one for each tier. `Rated` charges have none. [text]"""
    recurringMonthlyAmount: Number = None
    """Recurring revenue per month, in the order's currency. Equals `cmrr.amount` in all known
    records. [records]"""
    recurringMonthlyAmountBase: Number = None
    """`recurringMonthlyAmount` in the legal entity's base currency. [records]"""
    features: Many[Feature] = None
    """Features that the charge gives the customer; an empty array if there are none. [records]"""
    orderDiscounts: Many[OrderDiscountCharge] = None
    """Links to the discounts on the charge. The discounts themselves are in `orderDiscounts` of the
    order. [spec]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    price: Number = None
    """Agreed price in the current price detail, in the order's currency. Only charges created after
    2025-05-14 have a value. [spec]"""
    listPrice: Number = None
    """Price in the product catalog, as the current price detail has it, in the order's currency.
    Only charges created after 2025-05-14 have a value. [spec]"""
    discountAmount: Number = None
    """Discount in the current price detail, as an amount in the order's currency. Only charges
    created after 2025-05-14 have a value. [spec]"""
    discountPercentage: Number = None
    """Discount in the current price detail, as a percentage. Younium does not publish whether 10 or
    0.1 means ten percent. Only charges created after 2025-05-14 have a value. [spec]"""
    totalPrice: Number = None
    """`price` for the whole quantity, in the order's currency. Only charges created after
    2025-05-14 have a value. [name]"""
    totalListPrice: Number = None
    """`listPrice` for the whole quantity, in the order's currency. Only charges created after
    2025-05-14 have a value. [name]"""
    totalDiscountAmount: Number = None
    """`discountAmount` for the whole quantity, in the order's currency. Only charges created after
    2025-05-14 have a value. [name]"""
    totalDiscountPercentage: Number = None
    """Discount on the whole quantity as a percentage. Younium does not publish whether 10 or 0.1
    means ten percent. Only charges created after 2025-05-14 have a value. [name]"""
    totalPerInvoice: Number = None
    """Price for one whole billing period, in the order's currency. Only charges created after
    2025-05-14 have a value. [spec]"""
    orderProductId: Id = None
    """The product on the order that the charge belongs to. [records]"""
    orderId: Id = None
    """The version of the order that the charge belongs to. [records]"""
    chargeId: Id = None
    """The charge in the product catalog that this charge was created from. It is not this charge's
    own `id`. [spec]"""
    created: Time = None
    modified: Time = None


class OrderProduct(Model):
    """A product on an order; it does not name its order."""

    custom_fields = "OrderProduct"

    id: Id = None
    productNumber: Text = None
    """Number of the product on the order, such as `OP-000185`. It is not the number in the product
    catalog; join the catalog by `chargePlanId`. [records]"""
    chargePlanId: Id = None
    """Charge plan in the product catalog that the product was created from. It leads to the
    catalog's product. [text]"""
    chargePlanName: Text = None
    """Name of the charge plan in the product catalog. [records]"""
    chargePlanNumber: Text = None
    """Number of the charge plan in the product catalog, such as `CP-000002`. [records]"""
    productLineNumber: Integer = None
    """Position of the product on the order, counted from 0. [records]"""
    name: Text = None
    charges: Many[OrderProductCharge] = None
    """What is charged for the product, with prices, quantities and the days in force. [records]"""
    customFields: Fields = None
    externalERPId: Text = None
    externalCRMId: Text = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    created: Time = None
    modified: Time = None


class OrderDiscount(Model):
    """A discount on an order."""

    id: Id = None
    orderId: Id = None
    """The version of the order that the discount belongs to. [spec]"""
    startOn: Text = None
    """What sets the first day of the discount: the start of the order or a fixed date.
    `SpecificeDate` is Younium's spelling. Known values: AlignToOrder, SpecificeDate; more may come.
    [spec]"""
    endOn: Text = None
    """What sets the last day of the discount: the end of the order or a fixed date. `SpecificeDate`
    is Younium's spelling. Known values: AlignToOrder, SpecificeDate; more may come. [spec]"""
    startDate: Time = None
    """First day of the discount, if one is set. [name]"""
    endDate: Time = None
    """Last day of the discount, if one is set; whether it is inclusive is not published. [name]"""
    percent: Number = None
    """How much the discount takes off. Younium does not publish whether 10 or 0.1 means ten
    percent. [name]"""
    discountType: Text = None
    """How the size of the discount is given. Known values: Percent; more may come. [spec]"""
    description: Text = None
    orderProductCharges: Many[OrderDiscountCharge] = None
    """Links to the charges that the discount lowers. [spec]"""
    onSpecificCharges: Flag = None
    """True if the discount lowers only the charges in `orderProductCharges`. [name]"""


class Milestone(Model):
    """A milestone on an order."""

    id: Id = None
    orderId: Id = None
    """The version of the order that the milestone belongs to. [spec]"""
    name: Text = None
    description: Text = None
    milestoneDate: Time = None
    """Day on which the milestone was reached; null until then. Charges that start on the milestone
    are not invoiced before it is set. [text]"""
    plannedDate: Time = None
    """Day on which the milestone is expected; can be null. Reports use it until `milestoneDate` is
    set. [text]"""


class Subscription(Model):
    """A version of a subscription."""

    custom_fields = "Order"

    id: Id = None
    """Key of this version of the order; each version has its own. [records]"""
    orderNumber: Text = None
    """Number that all versions of the order share, such as `O-000185`. [records]"""
    version: Integer = None
    """Version of the order, counted from 1. Each change, renewal or cancellation adds a version
    with an `id`, products and charges of its own. [text]"""
    isLastVersion: Flag = None
    """True only for the newest version of the order. Count one version of each order; otherwise,
    its changes count twice. [records]"""
    status: Text = None
    """State of this version of the order. It does not say on which days the order is in force; the
    dates of the charges do. Known values: Draft, Active, Cancelled, Inactive, Deleted, OrderDraft,
    Order, PartiallyDelivered, Delivered, Invoiced, PartiallyPaid, Paid; more may come. [spec]"""
    description: Text = None
    remarks: Text = None
    effectiveStartDate: Time = None
    """First day in force. Charges can start on other days; use their own dates for revenue.
    [text]"""
    effectiveEndDate: Time = None
    """Last day in force (inclusive): the start plus the term. A renewal moves it. Null if the order
    is evergreen. [text]"""
    cancellationDate: Time = None
    """Day on which the cancellation was registered, for reports. It is not the last day in force.
    [text]"""
    effectiveChangeDate: Time = None
    """First day of the changes in this version. What they replace ends on the day before. [text]"""
    orderDate: Time = None
    """Business date of the order. It can be long before `created`. [records]"""
    noticePeriodDate: Time = None
    """Day on which an auto-renewed order renews unless it is cancelled before: `effectiveEndDate`
    minus `noticePeriod` months. [text]"""
    lastRenewalDate: Time = None
    """Day on which the order was last renewed; null before the first renewal. [name]"""
    created: Time = None
    modified: Time = None
    lastUpdated: Time = None
    """Time of the newest change to the order or to anything in it, such as a charge. [spec]"""
    noticePeriod: Integer = None
    """How long before the end of the term the customer must cancel, in months. [text]"""
    term: Integer = None
    """Length of the initial term, in months. [text]"""
    renewalTerm: Integer = None
    """Time that each renewal adds, in months. [text]"""
    isAutoRenewed: Flag = None
    """True if the order renews by itself on `noticePeriodDate`; otherwise, a user must renew it.
    [text]"""
    orderType: Text = None
    """Kind of order. The revenue of a sales order is not recognized over time. Known values:
    Subscription, SalesOrder; more may come. [text]"""
    termType: Text = None
    """Whether the order has an end (`Termed`) or runs until it is cancelled (`Evergreen`). Known
    values: Termed, Evergreen; more may come. [text]"""
    orderPaymentMethod: Text = None
    """How the customer pays the order's invoices. Known values: Invoice, Stripe, GoCardless; more
    may come. [spec]"""
    invoiceSeparatly: Flag = None
    """True if the order gets invoices of its own, without other orders on them. The spelling is
    Younium's. [name]"""
    yourReference: Text = None
    """Contact person at the customer. [name]"""
    ourReference: Text = None
    """Contact person at the seller, the company that uses Younium. [records]"""
    yourOrderNumber: Text = None
    """The customer's purchase order number. [name]"""
    buyerReference: Text = None
    """Reference of the buyer for electronic invoices. [name]"""
    invoiceAddress: Address | None = None
    """Address for the order's invoices, one of the account's addresses. [records]"""
    deliveryAddress: Address | None = None
    """Address for the order's deliveries, one of the account's addresses. [records]"""
    orderBillingPeriod: Text = None
    """Time that one invoice covers, for all charges of the order. It applies only if
    `setOrderBillingPeriod` is true. Known values: Monthly, Quarterly, Annual, EndOfTerm, Biannual;
    more may come. [spec]"""
    setOrderBillingPeriod: Flag = None
    """True if `orderBillingPeriod` overrides the billing periods of the charges. [spec]"""
    invoiceBatchGroup: InvoiceBatchGroup | None = None
    """Batch group that the order is invoiced with. [spec]"""
    paymentTerm: Text = None
    """Name (not `id`) of the payment term for the order's invoices, such as `30`. [records]"""
    useAccountInvoiceBatchGroup: Flag = None
    """True if the account's batch group applies instead of `invoiceBatchGroup`. [name]"""
    account: SimpleAccount | None = None
    """The customer who bought. [records]"""
    invoiceAccount: SimpleAccount | None = None
    """Account that gets the invoices: the customer, unless another account was chosen. [text]"""
    products: Many[OrderProduct] = None
    """Products sold on the order, each with its charges. [records]"""
    milestones: Many[Milestone] = None
    """Events on which charges of the order can start or end. [text]"""
    orderDiscounts: Many[OrderDiscount] = None
    """Discounts on charges of the order. [spec]"""
    currency: Text = None
    """ISO 4217 code of the order's currency, such as `EUR`. Amounts without a currency of their own
    are in this currency. [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    currencyCodeToUseWhenInvoice: Text = None
    """ISO 4217 code of the currency of the invoices, if it is not the order's currency. [name]"""
    customFields: Fields = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None


class SalesOrder(Model):
    """A version of a sales order; only its products and charges have figures and dates in force."""

    custom_fields = "Order"

    id: Id = None
    """Key of this version of the order; each version has its own. [records]"""
    orderNumber: Text = None
    """Number that all versions of the order share, such as `O-000185`. [records]"""
    version: Integer = None
    """Version of the order, counted from 1. Each change, renewal or cancellation adds a version
    with an `id`, products and charges of its own. [text]"""
    isLastVersion: Flag = None
    """True only for the newest version of the order. Count one version of each order; otherwise,
    its changes count twice. [records]"""
    status: Text = None
    """State of this version of the order. Sales orders begin as `OrderDraft` or `Order`. Known
    values: Draft, Active, Cancelled, Inactive, Deleted, OrderDraft, Order, PartiallyDelivered,
    Delivered, Invoiced, PartiallyPaid, Paid; more may come. [spec]"""
    description: Text = None
    remarks: Text = None
    orderDate: Time = None
    """Business date of the order, which is also its start. It can be long before `created`.
    [spec]"""
    created: Time = None
    modified: Time = None
    lastUpdated: Time = None
    """Time of the newest change to the order or to anything in it, such as a charge. [spec]"""
    orderType: Text = None
    """Kind of order. The revenue of a sales order is not recognized over time. Known values:
    Subscription, SalesOrder; more may come. [text]"""
    invoiceSeparatly: Flag = None
    """True if the order gets invoices of its own, without other orders on them. The spelling is
    Younium's. [name]"""
    yourReference: Text = None
    """Contact person at the customer. [name]"""
    ourReference: Text = None
    """Contact person at the seller, the company that uses Younium. [records]"""
    yourOrderNumber: Text = None
    """The customer's purchase order number. [name]"""
    buyerReference: Text = None
    """Reference of the buyer for electronic invoices. [name]"""
    invoiceAddress: Address | None = None
    """Address for the order's invoices, one of the account's addresses. [records]"""
    deliveryAddress: Address | None = None
    """Address for the order's deliveries, one of the account's addresses. [records]"""
    paymentTerm: Text = None
    """Name (not `id`) of the payment term for the order's invoices, such as `30`. [records]"""
    orderPaymentMethod: Text = None
    """How the customer pays the order's invoices. Known values: Invoice, Stripe, GoCardless; more
    may come. [spec]"""
    invoiceBatchGroup: Text = None
    """Batch group that the order is invoiced with, as text. [spec]"""
    useAccountInvoiceBatchGroup: Flag = None
    """True if the account's batch group applies instead of `invoiceBatchGroup`. [name]"""
    account: SimpleAccount | None = None
    """The customer who bought. [records]"""
    invoiceAccount: SimpleAccount | None = None
    """Account that gets the invoices: the customer, unless another account was chosen. [text]"""
    currency: Text = None
    """ISO 4217 code of the order's currency, such as `EUR`. Amounts without a currency of their own
    are in this currency. [records]"""
    accountsReceivableAccount: Text = None
    """Code of the ledger account for what the customer owes. [name]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    products: Many[OrderProduct] = None
    """Products sold on the order, each with its charges. [records]"""
    milestones: Many[Milestone] = None
    """Events on which charges of the order can start or end. [text]"""
    orderDiscounts: Many[OrderDiscount] = None
    """Discounts on charges of the order. [spec]"""
    customFields: Fields = None
    invoicingCurrency: Text = None
    """ISO 4217 code of the currency of the invoices, if it is not the order's currency. [name]"""
