"""The product catalog: products, charge plans, charges and simple products."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import Feature


class PriceDetails(Model):
    """A price, or a tier of one, in the product catalog; it has no id."""

    currency: Text = None
    """ISO 4217 code of the currency of `price`: the legal entity's base currency unless another one
    was set. [text]"""
    price: Number = None
    """List price for one price period, in `currency`. [records]"""
    tier: Integer = None
    """Position of the tier, counted from 0 in each currency; always 0 for the price models `Flat`
    and `Quantity`. [text]"""
    description: Text = None
    fromQuantity: Number = None
    """Quantity at which the tier starts; absent for flat prices. [text]"""
    toQuantity: Number = None
    """Quantity at which the tier ends; absent for flat prices. Whether it is inclusive is not
    published. [text]"""
    priceBase: Text = None
    """Whether `price` is for the whole tier or for each unit. Known values: Flat, PerUnit; more may
    come. [spec]"""


class Charge(Model):
    """How a charge plan bills."""

    custom_fields = "Charge"

    id: Id = None
    chargeNumber: Text = None
    """Number of the charge in the product catalog, such as `C-000001`. [records]"""
    name: Text = None
    model: Text = None
    """How the price follows from the quantity; the type of charge limits the choice. On orders and
    simple products it is `priceModel`. Known values: Flat, Quantity, Volume, Tiered, Rated; more
    may come. [text]"""
    chargeType: Text = None
    unitCode: Text = None
    defaultQuantity: Number = None
    pricePeriod: Text = None
    usageRating: Text = None
    createInvoiceLinesPerTier: Flag = None
    billingDay: Text = None
    specificBillingDay: Integer = None
    billingPeriod: Text = None
    periodAlignment: Text = None
    billingTiming: Text = None
    taxTemplate: Text = None
    taxIncluded: Flag = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    revenueRecognition: Text = None
    """Name of the rule that spreads the revenue, such as `Recognized monthly over time`; it can be
    empty until an order sets it. [text]"""
    deferredRevenueAccount: Text = None
    recognizedRevenueAccount: Text = None
    customFields: Fields = None
    priceDetails: Many[PriceDetails] = None
    """Prices: one for each currency, or the tiers of each currency; none for charges of the model
    `Rated`. [text]"""
    features: Many[Feature] = None
    """Features that the charge gives. [spec]"""


class ChargePlan(Model):
    """A way to sell a product: a group of charges."""

    custom_fields = "ChargePlan"

    id: Id = None
    chargePlanNumber: Text = None
    """Number of the charge plan in the product catalog, such as `CP-000001`. [records]"""
    name: Text = None
    effectiveStartDate: Time = None
    """When the charge plan takes effect, with a time of day. [records]"""
    endOfNewSalesDate: Time = None
    """Last day for new sales of the charge plan; whether it is inclusive is not published.
    [name]"""
    effectiveEndDate: Time = None
    """When the charge plan ends; whether it is inclusive is not published. [records]"""
    charges: Many[Charge] = None
    """Charges of the charge plan. [records]"""
    customFields: Fields = None
    created: Time = None
    modified: Time = None


class Product(Model):
    """A product in the product catalog."""

    custom_fields = "Product"

    id: Id = None
    productNumber: Text = None
    """Number of the product in the product catalog, such as `P-000001`. [records]"""
    name: Text = None
    productType: Text = None
    """How many charge plans and charges the product can have: one of each, several charges, several
    charge plans, or several of both. Known values: Simple, MultipleCharges, MultipleChargePlans,
    Full; more may come. [text]"""
    category: Text = None
    activationDate: Time = None
    endOfNewSalesDate: Time = None
    endOfRenewalDate: Time = None
    endOfLifeDate: Time = None
    isFrameworkProduct: Flag = None
    chargePlans: Many[ChargePlan] = None
    """Ways to sell the product, each a group of charges. [records]"""
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    legalEntityId: Id = None
    """Legal entity that owns the product; legal entities can share products. [text]"""
    customFields: Fields = None


class SimpleProduct(Model):
    """A product with one charge, flattened by Younium."""

    custom_fields = "Product"

    id: Id = None
    productNumber: Text = None
    """Number of the product in the product catalog, such as `P-000001`. [spec]"""
    name: Text = None
    category: Text = None
    chargeType: Text = None
    priceModel: Text = None
    pricePeriod: Text = None
    defaultQuantity: Number = None
    unitCode: Text = None
    billingPeriod: Text = None
    billingDay: Text = None
    specificBillingDay: Integer = None
    periodAlignment: Text = None
    billingTiming: Text = None
    taxTemplate: Text = None
    taxIncluded: Flag = None
    deferredRevenueAccount: Text = None
    recognizedRevenueAccount: Text = None
    externalERPid: Text = None
    """Key of the record in an ERP system, set by integrations: `externalERPId` of `products`.
    [spec]"""
    externalCRMId: Text = None
    activationDate: Time = None
    endOfNewSalesDate: Time = None
    endOfRenewalDate: Time = None
    endOfLifeDate: Time = None
    usageRating: Text = None
    createInvoiceLinesPerTier: Flag = None
    priceDetails: Many[PriceDetails] = None
    """Prices: one for each currency, or the tiers of each currency; none for charges of the price
    model `Rated`. [text]"""
    customFields: Fields = None
