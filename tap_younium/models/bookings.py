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
    """Name of the label, such as `New customer`. [records]"""
    description: Text = None
    chartColor: Text = None
    """Color of the label in charts, such as `#81c784`. [records]"""
    isSystemClassification: Flag = None
    """True if the label comes from Younium and not from the tenant. [records]"""
    classificationType: Text = None
    """What kind of change the label stands for. Known values: NewCustomer, Expansion, Contraction,
    CustomerChurn, NoChange, SplitOrder, Reactivate; more may come. [text]"""


class BookingLine(Model):
    """What a booking changes for one charge; it has no id."""

    charge: SimpleOrderProductCharge | None = None
    """The charge on the order whose figures change. [records]"""
    cmrr: CurrencyAmount | None = None
    """Change that the booking makes to the charge's committed monthly recurring revenue, per month.
    Whether a decrease is negative is not published. [records]"""
    acv: CurrencyAmount | None = None
    """Change that the booking makes to the charge's annual contract value. Whether a decrease is
    negative is not published. [records]"""
    emrr: CurrencyAmount | None = None
    oneTimeFees: CurrencyAmount | None = None
    """Change that the booking makes to the charge's one-off amount, which recurring figures do not
    include. Whether a decrease is negative is not published. [records]"""
    tcv: CurrencyAmount | None = None
    """Change that the booking makes to the charge's total contract value. Whether a decrease is
    negative is not published. [records]"""
    fmrr: CurrencyAmount | None = None
    created: Time = None
    modified: Time = None


class Booking(Model):
    """What an event of an order, such as its activation or renewal, changed in revenue figures."""

    id: Id = None
    currency: Text = None
    """ISO 4217 code of the order's currency. It can be null; the amounts in `bookingLines` have the
    code too. [spec]"""
    bookingType: Text = None
    """Whether the booking is for a new order, a change to an order, or the cancellation of one
    (`Churn`). Known values: New, Change, Churn; more may come. [text]"""
    accountCategory: Text = None
    """Stage of the account: this is its first order (`New`), it has other orders (`Existing`), or
    its last order is gone (`Lost`). Known values: New, Existing, Lost; more may come. [text]"""
    changeType: Text = None
    """Kind of change; it matters if `bookingType` is `Change`. Price adjustments have a type of
    their own, so that they do not count as upsell. Known values: Upsell, Downsell, Renewal, None,
    PriceAdjustment, Milestone, CancelledDelivery, AssociatedCharge, SplitOrder, CancelOrderProduct;
    more may come. [text]"""
    cmrr: AmountWithBaseCurrency | None = None
    """Change of the order's committed monthly recurring revenue, per month: the sum of the lines.
    Whether a decrease is negative is not published. [records]"""
    acv: AmountWithBaseCurrency | None = None
    """Change of the order's annual contract value: the sum of the lines. Whether a decrease is
    negative is not published. [records]"""
    emrr: AmountWithBaseCurrency | None = None
    oneTimeFees: AmountWithBaseCurrency | None = None
    """Change of the order's one-off charges, which recurring figures do not include: the sum of the
    lines. Whether a decrease is negative is not published. [records]"""
    tcv: AmountWithBaseCurrency | None = None
    """Change of the order's total contract value: the sum of the lines. Whether a decrease is
    negative is not published. [records]"""
    fmrr: AmountWithBaseCurrency | None = None
    effectiveDate: Time = None
    """Day on which the booking counts: depending on a setting of the tenant, the day when the order
    was activated or the order's start. Sum movements of recurring revenue by this date. [text]"""
    bookingLines: Many[BookingLine] = None
    """The changes of each charge. [records]"""
    classification: BookingClassification | None = None
    """Label of the booking in Insights, Younium's reporting. It comes from Younium or from the
    tenant. [text]"""
    created: Time = None
    modified: Time = None
    order: SimpleOrder | None = None
    """The version of the order that the booking comes from. [records]"""
    notes: Text = None
    """Free text that users can edit. [spec]"""
