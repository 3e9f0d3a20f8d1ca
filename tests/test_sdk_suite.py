"""The SDK's own suite, against a simulator: it builds the tap when it is imported."""

from __future__ import annotations

import atexit

import pytest
from singer import catalog, config_of
from singer_sdk.testing import get_tap_test_class

from simulator import Simulator
from tap_younium.tap import TapYounium

# Told of a column that is null in all rows, as `_extra` is with well-formed data.
pytestmark = pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")

ENTITIES = ("Nordic AB", "Läkarö")

_younium = Simulator(rows=12, entities=ENTITIES)
_younium.__enter__()
atexit.register(_younium.__exit__)

_tables = [entry["tap_stream_id"] for entry in catalog(entities=ENTITIES)["streams"]]

TestTapYounium = get_tap_test_class(
    TapYounium, config=config_of(_younium), catalog=catalog(_tables, ENTITIES)
)
