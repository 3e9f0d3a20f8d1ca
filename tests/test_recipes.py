"""The settings of the recipes do what their pages say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from pages import blocks
from singer import Younium, config_of, run, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer import Row

    from simulator import Simulator

EMAIL = re.compile(r"[\w.]+@[\w.]+")


def settings(page: str) -> list[Row]:
    """The settings on a page of the recipes."""
    return [json.loads(block.text) for block in blocks("json") if block.page.name == page]


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Younium(rows=8) as simulator:
        simulator.rows("Accounts")[0].pop("invoiceEmailAddress", None)
        simulator.rows("Accounts")[1].pop("accountType", None)
        yield simulator


def test_email_addresses_are_hashed(younium: Simulator) -> None:
    """They are the same in each run, and none is left."""
    (hashing,) = settings("personal-data.md")
    runs = [
        run(config_of(younium, **hashing), select=["accounts", "invoices"]).well() for _ in range(2)
    ]
    assert not EMAIL.findall(runs[0].stdout)
    assert validate(runs[0]) == 16
    columns = ("invoiceEmailAddress", "reminderEmailAddress", "invoiceEmailCcAddresses")
    first, second = (
        [[row.get(it) for it in columns] for row in it.records["accounts"]] for it in runs
    )
    assert first == second
    sent = {row["id"]: row for row in younium.rows("Accounts")}
    for row in runs[0].records["accounts"]:
        for column in columns[:2]:
            hashed = row.get(column)
            assert bool(hashed) == bool(sent[row["id"]].get(column))
            assert hashed is None or len(hashed) == 64
        assert row.get(columns[2]) is None


def test_stream_maps_rename_compute_remove_and_filter(younium: Simulator) -> None:
    maps, _ = settings("stream-maps.md")
    for row, kind in zip(younium.rows("Accounts")[2:], ("Prospect", "Customer") * 3, strict=True):
        row["accountType"] = kind
    output = run(config_of(younium, **maps), select=["exchange_rates", "accounts", "countries"])
    output.well()
    assert output.records.keys() == {"rates", "accounts"}
    for row in output.records["rates"]:
        assert row["pair"] == f"{row['fromCurrency']}/{row['toCurrency']}"
        assert "effectiveFromDate" not in row
    kinds = [row.get("accountType") for row in output.records["accounts"]]
    assert len(kinds) == 5
    assert "Prospect" not in kinds


def test_computed_columns_are_text_or_numbers(younium: Simulator) -> None:
    maps = {"invoices": {"text": "invoiceNumber + '!'", "twice": "float(totalAmount * 2)"}}
    output = run(config_of(younium, stream_maps=maps), select=["invoices"]).well()
    assert validate(output) == 8
    columns = output.schemas["invoices"]["schema"]["properties"]
    assert [columns[name]["type"] for name in ("text", "twice")] == [
        ["string", "null"],
        ["number", "null"],
    ]


def test_objects_become_columns(younium: Simulator) -> None:
    _, flattening = settings("stream-maps.md")
    output = run(config_of(younium, **flattening), select=["accounts", "invoices"]).well()
    columns: dict[str, Any] = output.schemas["accounts"]["schema"]["properties"]
    assert {"acv__amount", "acv__currencyCode"} <= columns.keys()
    assert all("object" not in column["type"] for column in columns.values())
    assert all(isinstance(row["invoiceLines"], str) for row in output.records["invoices"])
