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
    name: Text = None
    charge: SimpleCharge | None = None
    originalOrderProductChargeId: Id = None
    chargeType: Text = None
    priceModel: Text = None
    startOn: Text = None
    endOn: Text = None
    effectiveStartDate: Time = None
    effectiveEndDate: Time = None
    quantity: Number = None
    unitCode: Text = None
    pricePeriod: Text = None
    usageRating: Text = None
    billingPeriod: Text = None
    remarks: Text = None
    displayPrice: Number = None
    ppu: Number = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    priceDetails: Many[OrderPriceDetails] = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None


class QuoteProduct(Model):
    """A product on a quote."""

    custom_fields = "QuoteProduct"

    id: Id = None
    productNumber: Text = None
    chargePlanId: Id = None
    chargePlanName: Text = None
    chargePlanNumber: Text = None
    productLineNumber: Integer = None
    name: Text = None
    charges: Many[QuoteCharge] = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None


class QuoteESigning(Model):
    """A request to sign a quote."""

    state: Text = None
    fileName: Text = None
    validToDate: Time = None


class Quote(Model):
    """A quote."""

    custom_fields = "Quote"

    id: Id = None
    number: Text = None
    version: Integer = None
    status: Text = None
    description: Text = None
    quoteType: Text = None
    changeOrderId: Id = None
    convertedToOrder: SimpleOrder | None = None
    customer: SimpleAccount | None = None
    invoiceCustomer: SimpleAccount | None = None
    orderType: Text = None
    currency: Text = None
    deliveryAddress: Address | None = None
    quoteDate: Time = None
    validToDate: Time = None
    yourReference: Text = None
    ourReference: Text = None
    remarks: Text = None
    initialTerm: Integer = None
    orderEffectiveChangeDate: Time = None
    effectiveStartDate: Time = None
    effectiveEndDate: Time = None
    termType: Text = None
    renewalTerm: Integer = None
    autoRenewal: Flag = None
    noticePeriod: Integer = None
    tcv: CurrencyAmount | None = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    otf: CurrencyAmount | None = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None
    products: Many[QuoteProduct] = None
    quoteESignings: Many[QuoteESigning] = None
