"""Usage and measurements, what usage charges are rated by."""

from tap_younium.models.base import Fields, Flag, Id, Model, Number, Text, Time
from tap_younium.models.common import (
    SimpleAccount,
    SimpleOrder,
    SimpleOrderProduct,
    SimpleOrderProductCharge,
)


class Usage(Model):
    """A quantity used, to be rated and billed."""

    custom_fields = "Usage"

    id: Id = None
    description: Text = None
    fromDate: Time = None
    """Start of the usage. [name]"""
    toDate: Time = None
    """End of the usage; whether it is inclusive is not published. [name]"""
    quantity: Number = None
    """How much was used, in `unit`. [text]"""
    unit: Text = None
    """Unit of the quantity: `unitCode` of `units_of_measurement`. Usage is only billed if it equals
    the charge's unit. [text]"""
    source: Text = None
    """Where the usage was produced, as free text. [text]"""
    account: SimpleAccount | None = None
    """Account that the usage belongs to. [text]"""
    order: SimpleOrder | None = None
    """Order that the usage belongs to, if known. [text]"""
    product: SimpleOrderProduct | None = None
    """Product on the order that the usage belongs to, if known. [text]"""
    charge: SimpleOrderProductCharge | None = None
    """Charge of the order that the usage belongs to, if known. [text]"""
    importDate: Time = None
    """When the usage was imported. [name]"""
    processed: Flag = None
    """Whether the usage is linked to an invoice. It then cannot be changed or deleted. [text]"""
    ratedPrice: Number = None
    """Price that came with the usage, in the currency `ratedPriceCurrencyCode`, for charges of the
    price model `Rated`. Whether it is for one unit or for the quantity is not published. [name]"""
    ratedPriceCurrencyCode: Text = None
    """ISO 4217 code of the currency of `ratedPrice`. [name]"""
    customFields: Fields = None
    created: Time = None
    modified: Time = None


class Measurement(Model):
    """A measured quantity, to be billed."""

    custom_fields = "Measurement"

    id: Id = None
    account: SimpleAccount | None = None
    """Account that the measurement belongs to. [spec]"""
    order: SimpleOrder | None = None
    """Order that the measurement belongs to, if known. [spec]"""
    product: SimpleOrderProduct | None = None
    """Product on the order that the measurement belongs to, if known. [spec]"""
    charge: SimpleOrderProductCharge | None = None
    """Charge of the order that the measurement belongs to, if known. [spec]"""
    importDate: Time = None
    """When the measurement was imported. [name]"""
    fromDate: Time = None
    """When the quantity was measured. [name]"""
    quantity: Number = None
    """How much was measured. The unit is most likely that of the charge. [name]"""
    tag: Text = None
    created: Time = None
    modified: Time = None
    customFields: Fields = None
