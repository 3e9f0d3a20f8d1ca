"""Quotes, with their products and charges."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import (
    Address,
    CurrencyAmount,
    SimpleAccount,
    SimpleCharge,
    SimpleOrder,
)
from tap_younium.models.orders import OrderPriceDetails


class QuoteCharge(Model):
    """A charge on a quote."""

    custom_fields = "QuoteProductCharge"

    id: Id = None
    quoteProductChargeId: Id = None
    chargeNumber: Text = None
    """Number of the charge on the quote. It is not the number in the product catalog. [name]"""
    name: Text = None
    charge: SimpleCharge | None = None
    """The charge in the product catalog that is offered. [spec]"""
    originalOrderProductChargeId: Id = None
    """The charge on the order that a quote of type `Change` changes. [name]"""
    chargeType: Text = None
    """Whether the charge is billed once, for each period, or by usage or measurements. Known
    values: OneOff, Recurring, Usage, Measured; more may come. [spec]"""
    priceModel: Text = None
    """How the price depends on the quantity. The charge type limits the choice. `Rated` charges
    have no price details. Known values: Flat, Quantity, Volume, Tiered, Rated; more may come.
    [text]"""
    startOn: Text = None
    """What sets `effectiveStartDate`: the start of the order, a fixed date or a milestone. Known
    values: AlignToSubscription, SpecificDate, Milestone; more may come. [text]"""
    endOn: Text = None
    """What sets `effectiveEndDate`: the end of the order, a fixed date or a milestone. Known
    values: AlignToSubscription, SpecificDate, Milestone; more may come. [text]"""
    effectiveStartDate: Time = None
    """First day on which the charge would be in force. [name]"""
    effectiveEndDate: Time = None
    """Last day on which the charge would be in force (inclusive). [name]"""
    quantity: Number = None
    """Units offered. [name]"""
    unitCode: Text = None
    """Code of the unit in which quantities are counted, such as `pcs`. [name]"""
    pricePeriod: Text = None
    """Time that one price covers: with `Monthly`, prices are per month. Known values: Monthly,
    Quarterly, Annual; more may come. [spec]"""
    usageRating: Text = None
    """How the usage in a period is combined before it is priced. Known values: Sum, Max, Average;
    more may come. [spec]"""
    billingPeriod: Text = None
    """Time that one invoice would cover. Known values: Monthly, Quarterly, Annual, EndOfTerm,
    Biannual; more may come. [spec]"""
    remarks: Text = None
    displayPrice: Number = None
    """Price of the charge as Younium shows it: for one `pricePeriod`, in the quote's currency.
    [name]"""
    ppu: Number = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    priceDetails: Many[OrderPriceDetails] = None
    """Prices of the charge: one, or one for each tier. `Rated` charges have none. [text]"""
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None
    """One-time fees: the charge's one-off amount, which recurring figures do not include. Orders
    call it `oneTimeFees`. [name]"""


class QuoteProduct(Model):
    """A product on a quote."""

    custom_fields = "QuoteProduct"

    id: Id = None
    productNumber: Text = None
    """Number of the product on the quote. It is not the number in the product catalog; join the
    catalog by `chargePlanId`. [name]"""
    chargePlanId: Id = None
    """Charge plan in the product catalog that the product was created from. It leads to the
    catalog's product. [name]"""
    chargePlanName: Text = None
    """Name of the charge plan in the product catalog. [name]"""
    chargePlanNumber: Text = None
    """Number of the charge plan in the product catalog, such as `CP-000002`. [name]"""
    productLineNumber: Integer = None
    """Position of the product on the quote. [name]"""
    name: Text = None
    charges: Many[QuoteCharge] = None
    """What would be charged for the product, with prices and quantities. [spec]"""
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None
    """One-time fees: the sum of the product's one-off charges, which recurring figures do not
    include. Orders call it `oneTimeFees`. [name]"""


class QuoteESigning(Model):
    """A request to sign a quote."""

    state: Text = None
    """How far the signing is. `UnKnownStatus` is Younium's spelling. Known values: Started,
    Completed, Expired, Stopped, Rejected, Failed, UnKnownStatus; more may come. [spec]"""
    fileName: Text = None
    """Name of the file to sign. [name]"""
    validToDate: Time = None
    """Day until which the file can be signed. [name]"""


class Quote(Model):
    """A quote."""

    custom_fields = "Quote"

    id: Id = None
    number: Text = None
    """Number by which people refer to the quote. [name]"""
    version: Integer = None
    status: Text = None
    """State of the quote: open, lost, won or deleted. Known values: Open, ClosedLost, ClosedWon,
    Deleted; more may come. [spec]"""
    description: Text = None
    quoteType: Text = None
    """Whether the quote is for a new order or for a change to an order. For a change, it is not
    published whether `cmrr` and the other figures are new totals or differences. Known values: New,
    Change; more may come. [spec]"""
    changeOrderId: Id = None
    """The version of the order that a quote of type `Change` changes. [name]"""
    convertedToOrder: SimpleOrder | None = None
    """The order that the quote became. Younium creates it as a draft by default. [spec]"""
    customer: SimpleAccount | None = None
    """Account that the quote is for. [name]"""
    invoiceCustomer: SimpleAccount | None = None
    """Account that would get the invoices of the offered order. [name]"""
    orderType: Text = None
    """Kind of order that the quote becomes. Known values: Subscription, SalesOrder; more may come.
    [spec]"""
    currency: Text = None
    """ISO 4217 code of the currency in which the quote is made. [name]"""
    deliveryAddress: Address | None = None
    """Address for the deliveries of the offered order. [name]"""
    quoteDate: Time = None
    """Business date of the quote; `created` is the time when the row was created. [name]"""
    validToDate: Time = None
    """Day until which the customer can accept the quote. Whether this day is included is not
    published. [name]"""
    yourReference: Text = None
    """Contact person at the customer. [name]"""
    ourReference: Text = None
    """Contact person at the seller, the company that uses Younium. [name]"""
    remarks: Text = None
    """Free text that Younium copies to `remarks` of the order. [spec]"""
    initialTerm: Integer = None
    """Length of the initial term of the offered order, in months. [text]"""
    orderEffectiveChangeDate: Time = None
    """First day of the change that the quote offers. [name]"""
    effectiveStartDate: Time = None
    """First day of the offered order. [name]"""
    effectiveEndDate: Time = None
    """Last day of the offered order. [name]"""
    termType: Text = None
    """Whether the offered order has an end (`Termed`) or runs until it is cancelled (`Evergreen`).
    Known values: Termed, Evergreen; more may come. [spec]"""
    renewalTerm: Integer = None
    """Time that each renewal of the offered order adds, in months. [text]"""
    autoRenewal: Flag = None
    """True if the offered order renews by itself. [name]"""
    noticePeriod: Integer = None
    """How long before the end of the term the customer must cancel the offered order, in months.
    [text]"""
    tcv: CurrencyAmount | None = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None
    """One-time fees: the sum of the quote's one-off charges, which recurring figures do not
    include. Orders call it `oneTimeFees`. [name]"""
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    products: Many[QuoteProduct] = None
    """Products that the quote offers, each with its charges. [spec]"""
    quoteESignings: Many[QuoteESigning] = None
    """Requests to sign the quote electronically. [spec]"""
