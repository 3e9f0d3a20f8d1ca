"""The SDK's own tests, against a simulator; they build the tap on import."""

from __future__ import annotations

import atexit
import sys
import warnings
from datetime import UTC, datetime, timedelta

import pytest
from singer import catalog, config_of
from singer_sdk.helpers import _compat
from singer_sdk.testing import get_tap_test_class

from simulator import Simulator
from tap_younium.tap import TapYounium

# Reported for a column that is null in all rows, like `_extra` with well-formed data.
pytestmark = pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")

ENTITIES = ("Nordic AB", "Läkarö")

_younium = Simulator(rows=20, entities=ENTITIES)  # so many that one invoice is credited
_younium.__enter__()
atexit.register(_younium.__exit__)

_tables = [entry["tap_stream_id"] for entry in catalog(entities=ENTITIES)["streams"]]

TestTapYounium = get_tap_test_class(
    TapYounium, config=config_of(_younium), catalog=catalog(_tables, ENTITIES)
)


@pytest.mark.parametrize("days", [-1, 30])
def test_the_end_of_life_of_this_python_does_not_fail_the_suite(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK warns from half a year before it; all other warnings are errors in the tests."""
    end = datetime.now(UTC).date() + timedelta(days)
    monkeypatch.setitem(_compat._PYTHON_EOL_DATES, sys.version_info[:2], end)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        TapYounium(config=config_of(_younium))
    assert any("its end of life" in str(each.message) for each in caught)
    TapYounium(config=config_of(_younium))
