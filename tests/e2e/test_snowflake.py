"""target-snowflake takes the SCHEMA messages of all streams, in an emulator.

The emulator cannot load rows, because it has no stage that this target can write to.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from loading import kind_of
from pages import blocks

from e2e.test_targets import ENTITIES, read_all
from simulator import Simulator

if TYPE_CHECKING:
    from singer import Row

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
VERSIONS = ("meltanolabs-target-snowflake==0.20.4", "fakesnow==0.12.1")
LOGIN = {"account": "a", "user": "u", "password": "p", "database": "WAREHOUSE"}


@pytest.fixture(scope="module")
def schemas() -> dict[str, Row]:
    """The SCHEMA message of each stream."""
    with Simulator(accounts=4, entities=ENTITIES) as younium:
        return read_all(younium).schemas


def load(schemas: dict[str, Row], folder: Path) -> dict[str, dict[str, str]]:
    """Run the target with the settings on the page, and return the columns of each table."""
    (block,) = (it.text for it in blocks("yaml") if "target-snowflake" in it.text)
    (loader,) = yaml.safe_load(block)["plugins"]["loaders"]
    (folder / "config.json").write_text(json.dumps(loader["config"] | LOGIN))
    uv = [shutil.which("uv") or "uv", "run", "--quiet", "--no-project", "--isolated"]
    script = Path(__file__).with_name("fake_snowflake.py")
    done = subprocess.run(
        [*uv, *(f"--with={it}" for it in VERSIONS), script, folder, "--config=config.json"],
        cwd=folder,
        input="".join(json.dumps(message) + "\n" for message in schemas.values()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    found: dict[str, dict[str, str]] = {}
    for table, name, kind in json.loads(done.stdout):
        found.setdefault(table, {})[name] = kind
    return found


def test_every_stream_gets_its_columns_with_the_types_on_the_page(
    schemas: dict[str, Row], tmp_path: Path
) -> None:
    found = load(schemas, tmp_path)
    tables = {name: re.sub("[^A-Z_]", "", name.upper()) for name in schemas}  # without Ö
    assert found.keys() == set(tables.values())
    for name, schema in schemas.items():
        expected = {
            column.upper(): TYPES[kind_of(it)]
            for column, it in schema["schema"]["properties"].items()
        }
        own = {column for column in found[tables[name]] if column.startswith("_SDC_")}
        assert found[tables[name]].keys() - own == expected.keys(), name
        assert {it: found[tables[name]][it] for it in expected} == expected, name
    again = {name: schemas[name] for name in ("invoice_lines", "subscriptions")}
    assert load(again, tmp_path) == found  # no column was added or changed
