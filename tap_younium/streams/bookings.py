"""Bookings."""

from tap_younium.client import YouniumStream
from tap_younium.models.bookings import Booking


class Bookings(YouniumStream):
    """How orders changed recurring revenue, with a line for each charge."""

    name = "bookings"
    path = "/Bookings"
    model = Booking
    incremental = True
