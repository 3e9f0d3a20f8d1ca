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
    toDate: Time = None
    quantity: Number = None
    unit: Text = None
    source: Text = None
    account: SimpleAccount | None = None
    order: SimpleOrder | None = None
    product: SimpleOrderProduct | None = None
    charge: SimpleOrderProductCharge | None = None
    importDate: Time = None
    processed: Flag = None
    ratedPrice: Number = None
    ratedPriceCurrencyCode: Text = None
    customFields: Fields = None
    created: Time = None
    modified: Time = None


class Measurement(Model):
    """A measured quantity, to be billed."""

    custom_fields = "Measurement"

    id: Id = None
    account: SimpleAccount | None = None
    order: SimpleOrder | None = None
    product: SimpleOrderProduct | None = None
    charge: SimpleOrderProductCharge | None = None
    importDate: Time = None
    fromDate: Time = None
    quantity: Number = None
    tag: Text = None
    created: Time = None
    modified: Time = None
    customFields: Fields = None
