"""BATCH messages have the same rows as RECORD messages, in files, and no STATE is ahead of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from singer import Digits, Younium, config_of, exactly, run

from simulator.faults import Fault

if TYPE_CHECKING:
    from singer import Output, Row

    from simulator import Simulator

LONG = "1234567890123456789.0123456789"
ORDERS = ["subscriptions", "subscription_products", "subscription_charges"]


def batched(younium: Simulator, folder: Path, **settings: Any) -> Row:
    storage = {"root": folder.as_uri()}
    return config_of(younium, **{"batch_config": {"storage": storage}} | settings)


def rows_in(message: Row) -> list[Row]:
    """The rows in the files of a BATCH message."""
    assert message["encoding"] == {"format": "jsonl", "compression": "gzip"}
    paths = [Path(url2pathname(urlsplit(url).path)) for url in message["manifest"]]
    return [exactly(line) for path in paths for line in gzip.open(path)]


def rows_of(output: Output) -> dict[str, list[Row]]:
    """The rows of each stream, and each file is named once."""
    messages = output.of_type("BATCH")
    named = [url for message in messages for url in message["manifest"]]
    assert len(named) == len(set(named))
    rows: dict[str, list[Row]] = {}
    for message in messages:
        rows.setdefault(message["stream"], []).extend(rows_in(message))
    return rows


def plain(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Rows without the time of the run."""
    return {name: [{**row, "_read_at": None} for row in each] for name, each in rows.items()}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"flattening_enabled": True, "flattening_max_depth": 2},
        {
            "stream_maps": {
                "subscriptions": {"__alias__": "orders", "number": "orderNumber"},
                "copy": {"__source__": "subscription_charges"},
            }
        },
    ],
    ids=["plain", "flattened", "mapped"],
)
def test_the_rows_are_those_of_record_messages(tmp_path: Path, settings: Row) -> None:
    with Younium(accounts=4, entities=["A", "B"]) as younium:
        settings["legal_entities"] = ["A", "B"]
        expected = run(config_of(younium, **settings), select=ORDERS).well()
        output = run(batched(younium, tmp_path, **settings), select=ORDERS).well()
    assert not output.records
    assert plain(rows_of(output)) == plain(expected.exact)
    assert output.schemas == expected.schemas
    assert output.state["bookmarks"].keys() == expected.state["bookmarks"].keys()


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    with Younium(rows=2) as younium:
        from decimal import Decimal  # noqa: PLC0415 - as in `simulator.store`

        younium.rows("ExchangeRate")[0]["rate"] = Decimal("1234567890123456789.0123456789")
        rows = rows_of(run(batched(younium, tmp_path), select=["exchange_rates"]).well())
    assert Digits("1234567890123456789.0123456789") in [
        row["rate"] for row in rows["exchange_rates"]
    ]


def test_a_file_has_at_most_batch_size_rows(tmp_path: Path) -> None:
    with Younium(rows=25) as younium:
        storage = {"root": tmp_path.as_uri(), "prefix": "younium-"}
        config = config_of(younium, batch_config={"storage": storage, "batch_size": 10})
        output = run(config, select=["accounts"]).well()
    assert [len(rows_in(message)) for message in output.of_type("BATCH")] == [10, 10, 5]
    assert len(list(tmp_path.glob("younium-*-accounts.jsonl.gz"))) == 3


def test_files_are_filled_across_pages_before_a_state_is_written(tmp_path: Path) -> None:
    """Ten pages would otherwise be a file, however few rows they have."""
    with Younium(rows=60) as younium:
        output = run(batched(younium, tmp_path, page_size=2), select=["accounts"]).well()
    assert [message["type"] for message in output.messages] == ["SCHEMA", "BATCH", "STATE"]


def test_no_state_and_no_activate_version_is_ahead_of_its_rows(tmp_path: Path) -> None:
    with Younium(rows=30) as younium:
        config = batched(younium, tmp_path, page_size=2, emit_activate_version_messages=True)
        config["batch_config"]["batch_size"] = 7
        output = run(config, select=["accounts", "countries"]).well()
    kinds = [message["type"] for message in output.messages]
    assert kinds.count("STATE") > 2
    countries = [it for it in output.messages if it.get("stream") == "countries"]
    *batches, activated = [it for it in countries if it["type"] != "SCHEMA"]
    assert activated["type"] == "ACTIVATE_VERSION"
    assert {message["type"] for message in batches} == {"BATCH"}
    assert {message["version"] for message in batches} == {activated["version"]}
    done: set[str] = set()
    for message in output.messages:
        if message["type"] == "BATCH" and message["stream"] == "accounts":
            done.update(row["id"] for row in rows_in(message))
        elif message["type"] == "STATE":
            point = message["value"]["bookmarks"].get("accounts", {}).get("place", {})
            assert point.get("after") is None or point["after"] in done


def test_an_interrupted_load_resumes_without_a_gap(tmp_path: Path) -> None:
    """Its last STATE comes after the file with the rows that were read by then."""
    with Younium(rows=40) as younium:
        younium.faults.append(Fault("status", path="/Accounts", page=15, status=404, times=None))
        config = batched(younium, tmp_path, page_size=2)
        first = run(config, select=["accounts"])
        assert first.exit_code == 1
        younium.faults.clear()
        second = run(config, select=["accounts"], state=first.state).well()
        there = {row["id"] for row in younium.rows("Accounts")}
    assert {row["id"] for each in (first, second) for row in rows_of(each)["accounts"]} == there
    assert rows_of(first)["accounts"]


def test_a_file_that_cannot_be_written_ends_the_run_without_a_state(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Younium(rows=3) as younium:
        output = run(batched(younium, tmp_path / "file"), select=["accounts"])
    assert output.exit_code == 1
    assert not output.of_type("STATE")
    assert "batch_config.storage.root" in output.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({}, "'storage' is a required property"),
        ({"storage": {}}, "batch_config.storage: 'root' is a required property"),
        (
            {"storage": {"root": "file://x"}, "encoding": {"format": "parquet"}},
            "batch_config.encoding.format: 'parquet' is not one of",
        ),
        (
            {"storage": {"root": "file://x"}, "batch_size": 0},
            "batch_config.batch_size: 0 is less than the minimum",
        ),
    ],
)
def test_wrong_settings_are_named(setting: Row, message: str) -> None:
    with Younium(rows=1) as younium:
        output = run(config_of(younium, batch_config=setting), select=["accounts"])
    assert output.exit_code == 2
    assert message in output.stderr


def test_discovery_writes_no_file(tmp_path: Path) -> None:
    with Younium(rows=1) as younium:
        output = run(batched(younium, tmp_path), "--discover").well()
    assert json.loads(output.stdout)["streams"]
    assert not list(tmp_path.iterdir())
