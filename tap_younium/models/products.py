"""The catalogue: products, charge plans, charges and simple products."""

from tap_younium.models.base import Fields, Flag, Id, Integer, Many, Model, Number, Text, Time
from tap_younium.models.common import Feature


class PriceDetails(Model):
    """A price, or a tier of one, in the catalogue; it has no id."""

    currency: Text = None
    price: Number = None
    tier: Integer = None
    description: Text = None
    fromQuantity: Number = None
    toQuantity: Number = None
    priceBase: Text = None


class Charge(Model):
    """How a charge plan bills."""

    custom_fields = "Charge"

    id: Id = None
    chargeNumber: Text = None
    name: Text = None
    model: Text = None
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
    deferredRevenueAccount: Text = None
    recognizedRevenueAccount: Text = None
    customFields: Fields = None
    priceDetails: Many[PriceDetails] = None
    features: Many[Feature] = None


class ChargePlan(Model):
    """A way to sell a product: a group of charges."""

    custom_fields = "ChargePlan"

    id: Id = None
    chargePlanNumber: Text = None
    name: Text = None
    effectiveStartDate: Time = None
    endOfNewSalesDate: Time = None
    effectiveEndDate: Time = None
    charges: Many[Charge] = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None


class Product(Model):
    """A product of the catalogue."""

    custom_fields = "Product"

    id: Id = None
    productNumber: Text = None
    name: Text = None
    productType: Text = None
    category: Text = None
    activationDate: Time = None
    endOfNewSalesDate: Time = None
    endOfRenewalDate: Time = None
    endOfLifeDate: Time = None
    isFrameworkProduct: Flag = None
    chargePlans: Many[ChargePlan] = None
    externalERPId: Text = None
    externalCRMId: Text = None
    created: Time = None
    modified: Time = None
    legalEntityId: Id = None
    customFields: Fields = None


class SimpleProduct(Model):
    """A product with one charge, flattened by Younium."""

    custom_fields = "Product"

    id: Id = None
    productNumber: Text = None
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
    externalCRMId: Text = None
    activationDate: Time = None
    endOfNewSalesDate: Time = None
    endOfRenewalDate: Time = None
    endOfLifeDate: Time = None
    usageRating: Text = None
    createInvoiceLinesPerTier: Flag = None
    priceDetails: Many[PriceDetails] = None
    customFields: Fields = None
