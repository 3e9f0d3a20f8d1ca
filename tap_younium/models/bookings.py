"""Bookings: how orders changed recurring revenue."""

from tap_younium.models.base import Flag, Id, Many, Model, Text, Time
from tap_younium.models.common import (
    AmountWithBaseCurrency,
    CurrencyAmount,
    SimpleOrder,
    SimpleOrderProductCharge,
)


class BookingClassification(Model):
    """What kind of change a booking is."""

    name: Text = None
    description: Text = None
    chartColor: Text = None
    isSystemClassification: Flag = None
    classificationType: Text = None


class BookingLine(Model):
    """What a booking changes for one charge; it has no id."""

    charge: SimpleOrderProductCharge | None = None
    cmrr: CurrencyAmount | None = None
    acv: CurrencyAmount | None = None
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    tcv: CurrencyAmount | None = None
    fmrr: CurrencyAmount | None = None
    created: Time = None
    modified: Time = None


class Booking(Model):
    """A change of recurring revenue by one order."""

    id: Id = None
    currency: Text = None
    bookingType: Text = None
    accountCategory: Text = None
    changeType: Text = None
    cmrr: AmountWithBaseCurrency | None = None
    acv: AmountWithBaseCurrency | None = None
    emrr: AmountWithBaseCurrency | None = None
    oneTimeFees: AmountWithBaseCurrency | None = None
    tcv: AmountWithBaseCurrency | None = None
    fmrr: AmountWithBaseCurrency | None = None
    effectiveDate: Time = None
    bookingLines: Many[BookingLine] = None
    classification: BookingClassification | None = None
    created: Time = None
    modified: Time = None
    order: SimpleOrder | None = None
    notes: Text = None
