"""Usage and measurements."""

from tap_younium.client import YouniumStream
from tap_younium.models.usage import Measurement, Usage


class Measurements(YouniumStream):
    """Measured quantities."""

    name = "measurements"
    path = "/Measurements"
    model = Measurement
    incremental = True


class UsageStream(YouniumStream):
    """Quantities used, with their rating."""

    name = "usage"
    path = "/Usage"
    model = Usage
    incremental = True
