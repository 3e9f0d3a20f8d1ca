"""Objects that several areas share."""

from tap_younium.models.base import Id, Model, Number, Text, Time


class CurrencyAmount(Model):
    """Money in one currency and in the legal entity's base currency."""

    amount: Number = None
    currencyCode: Text = None
    currencyConversionDate: Time = None
    baseCurrencyAmount: Number = None
    baseCurrencyCode: Text = None


class AmountWithBaseCurrency(Model):
    """Money on a booking: the order's currency and the base currency, without codes."""

    amount: Number = None
    amountInBaseCurrency: Number = None


class Address(Model):
    """A postal address."""

    id: Id = None
    description: Text = None
    name: Text = None
    street: Text = None
    street2: Text = None
    city: Text = None
    county: Text = None
    state: Text = None
    zip: Text = None
    country: Text = None


class SimpleAccount(Model):
    """A reference to an account."""

    name: Text = None
    accountNumber: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrder(Model):
    """A reference to a subscription or a sales order."""

    orderNumber: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrderProduct(Model):
    """A reference to a product on an order."""

    description: Text = None
    productNumber: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleOrderProductCharge(Model):
    """A reference to a charge on an order."""

    name: Text = None
    chargeNumber: Text = None
    description: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class SimpleCharge(Model):
    """A reference to a charge of the catalogue."""

    chargeNumber: Text = None
    name: Text = None
    id: Id = None
    externalERPId: Text = None
    externalCRMId: Text = None


class Feature(Model):
    """A feature that a charge gives; it has no id."""

    code: Text = None
    description: Text = None


class UnitOfMeasure(Model):
    """A unit that quantities are counted in."""

    id: Id = None
    unitCode: Text = None
    name: Text = None
    displayName: Text = None


class FinancialAccount(Model):
    """An account of the chart of accounts."""

    id: Id = None
    code: Text = None
    name: Text = None
    description: Text = None
    externalERPId: Text = None
    externalCRMId: Text = None
