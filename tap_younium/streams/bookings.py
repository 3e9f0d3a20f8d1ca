"""Bookings."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.bookings import Booking
from tap_younium.rows import POSITION, ROOT


class Bookings(YouniumStream):
    """How orders changed recurring revenue, with a line for each charge."""

    name = "bookings"
    path = "/Bookings"
    model = Booking
    incremental = True


class BookingLines(NestedStream):
    """What each booking changes, charge by charge."""

    name = "booking_lines"
    collection = Bookings
    arrays = ("bookingLines",)
    primary_keys = (ROOT, POSITION)
