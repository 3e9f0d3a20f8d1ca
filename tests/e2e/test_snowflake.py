"""target-snowflake creates a table for every stream, as far as an emulator shows.

It takes the SCHEMA messages, but not the rows: it has no stage that the target can write to.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from loading import kind_of
from pages import blocks
from singer import Younium, config_of
from test_targets import EVERYTHING, read_all

if TYPE_CHECKING:
    from singer import Output

TYPES = {
    "array": "VARIANT",
    "boolean": "BOOLEAN",
    "date-time": "TIMESTAMP_NTZ",
    "integer": "NUMBER",
    "number": "FLOAT",
    "object": "VARIANT",
    "string": "TEXT",
    "uuid": "TEXT",
}


@pytest.fixture(scope="module")
def full() -> Output:
    """What the tap writes of all streams."""
    with Younium(accounts=4, entities=ENTITIES) as younium:
        return read_all(younium)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Runs the target and returns the type of each column of each table in the end."""
    folder = tmp_path_factory.mktemp("snowflake")
