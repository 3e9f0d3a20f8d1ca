"""Bookings."""

from tap_younium.client import NestedStream, YouniumStream
from tap_younium.models.bookings import Booking
from tap_younium.records.columns import LAST_MODIFIED, POSITION, ROOT_ID


class Bookings(YouniumStream):
    """Changes of recurring revenue by orders, with a line for each charge."""

    name = "bookings"
    path = "/Bookings"
    model = Booking
    replication_key = LAST_MODIFIED


class BookingLines(NestedStream):
    """Changes of a booking, by charge."""

    name = "booking_lines"
    collection = Bookings
    array_path = ("bookingLines",)
    primary_keys = (ROOT_ID, POSITION)
