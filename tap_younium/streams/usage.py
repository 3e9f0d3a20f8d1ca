"""Usage and measurements."""

from tap_younium.client import YouniumStream
from tap_younium.models.usage import Measurement, Usage
from tap_younium.records.columns import LAST_MODIFIED


class Measurements(YouniumStream):
    """Measured quantities."""

    name = "measurements"
    path = "/Measurements"
    model = Measurement
    replication_key = LAST_MODIFIED


class UsageStream(YouniumStream):
    """Used quantities with their rating."""

    name = "usage"
    path = "/Usage"
    model = Usage
    replication_key = LAST_MODIFIED
