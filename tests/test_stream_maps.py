"""The SDK's features for every tap work here too, and numbers keep their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer import Digits, Younium, catalog, config_of, metadata_of, run, table_of, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator import Simulator

LONG = "1234567890123456789.012345678901234567890"


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Younium(rows=3) as simulator:
        from decimal import Decimal  # noqa: PLC0415

        for row in simulator.rows("ExchangeRate"):
            row["rate"] = Decimal(LONG)
        for row in simulator.rows("Invoices"):
            row["totalAmount"] = Decimal(LONG)
            row["invoiceLines"][0]["total"] = Decimal(LONG)
        for row in simulator.rows("Accounts"):
            row["acv"] = {"amount": Decimal(LONG), "baseCurrencyAmount": Decimal("1.0")}
        yield simulator


def test_a_stream_map_renames_hides_filters_and_computes(younium: Simulator) -> None:
    maps = {
        "exchange_rates": {
            "__alias__": "rates",
            "pair": "fromCurrency + '/' + toCurrency",
            "effectiveFromDate": None,
        }
    }
    output = run(config_of(younium, stream_maps=maps), select=["exchange_rates"]).well()
    there = {row["id"]: row for row in younium.rows("ExchangeRate")}
    assert set(output.records) == {"rates"}
    assert len(output.records["rates"]) == 3
    assert validate(output) == 3
    for row in output.exact["rates"]:
        sent = there[row["id"]]
        assert row["pair"] == f"{sent['fromCurrency']}/{sent['toCurrency']}"
        assert "effectiveFromDate" not in row
        assert row["rate"] == Digits(LONG)


def test_a_stream_map_can_filter_rows_and_hash_people_s_data(younium: Simulator) -> None:
    wanted = younium.rows("Accounts")[1]
    maps = {
        "accounts": {
            "__filter__": f"id == '{wanted['id']}'",
            "name": "md5(name) if name else None",
        }
    }
    output = run(config_of(younium, stream_maps=maps), select=["accounts"]).well()
    (row,) = output.records["accounts"]
    assert row["id"] == wanted["id"]
    assert row["name"] != wanted.get("name")


def test_flattening_gives_columns_and_keeps_numbers(younium: Simulator) -> None:
    config = config_of(younium, flattening_enabled=True, flattening_max_depth=2)
    output = run(config, select=["accounts", "invoices"]).well()
    assert validate(output) == 6
    columns = output.schemas["accounts"]["schema"]["properties"]
    assert columns["acv__amount"]["type"] == ["number", "null"]
    assert columns["defaultInvoiceAddress__city"]["type"] == ["string", "null"]
    for row in output.exact["accounts"]:
        assert row["acv__amount"] == Digits(LONG)
        assert row["acv__baseCurrencyAmount"] == Digits("1.0")
    for row in output.exact["invoices"]:
        assert row["totalAmount"] == Digits(LONG)
        assert f'\\"total\\":{LONG}' in output.stdout or LONG in str(row["invoiceLines"])


def test_flattened_arrays_keep_their_numbers_digit_for_digit(younium: Simulator) -> None:
    """They become JSON text, where digits could be lost unnoticed."""
    config = config_of(younium, flattening_enabled=True, flattening_max_depth=1)
    output = run(config, select=["invoices"]).well()
    for row in output.exact["invoices"]:
        assert LONG in row["invoiceLines"]


def test_a_column_can_be_deselected(younium: Simulator) -> None:
    chosen = catalog(["accounts"])
    metadata_of(table_of(chosen, "accounts"), "properties", "name")["selected"] = False
    output = run(config_of(younium), catalog=chosen).well()
    assert "name" not in output.schemas["accounts"]["schema"]["properties"]
    assert all("name" not in row for row in output.records["accounts"])
    assert all("accountType" in row for row in output.records["accounts"])
    assert validate(output) == 3


def test_a_column_within_an_object_can_be_deselected(younium: Simulator) -> None:
    chosen = catalog(["accounts"])
    entry = table_of(chosen, "accounts")
    breadcrumb = ("properties", "acv", "properties", "baseCurrencyAmount")
    metadata_of(entry, *breadcrumb)["selected"] = False
    output = run(config_of(younium), catalog=chosen).well()
    columns = output.schemas["accounts"]["schema"]["properties"]
    assert "baseCurrencyAmount" not in columns["acv"]["properties"]
    for row in output.exact["accounts"]:
        assert row["acv"] == {"amount": Digits(LONG)}
    assert validate(output) == 3


def test_a_whole_object_can_be_deselected(younium: Simulator) -> None:
    chosen = catalog(["invoices"])
    entry = table_of(chosen, "invoices")
    metadata_of(entry, "properties", "invoiceLines")["selected"] = False
    output = run(config_of(younium), catalog=chosen).well()
    assert all("invoiceLines" not in row for row in output.records["invoices"])
    assert "invoiceLines" not in output.schemas["invoices"]["schema"]["properties"]


def test_deselecting_columns_does_not_hide_changes(younium: Simulator) -> None:
    """`_last_modified` is calculated from what Younium sent, not from what is written."""
    whole = run(config_of(younium), select=["subscriptions"]).well()
    chosen = catalog(["subscriptions"])
    entry = table_of(chosen, "subscriptions")
    for name in ("products", "modified"):
        metadata_of(entry, "properties", name)["selected"] = False
    part = run(config_of(younium), catalog=chosen).well()
    times = [
        [(row["id"], row["_last_modified"]) for row in output.records["subscriptions"]]
        for output in (whole, part)
    ]
    assert times[0] == times[1]
    assert part.bookmark("subscriptions") == whole.bookmark("subscriptions")


def test_primary_keys_are_kept_however_little_is_selected(younium: Simulator) -> None:
    chosen = catalog(["accounts"])
    entry = table_of(chosen, "accounts")
    for each in entry["metadata"]:
        if each["breadcrumb"] and each["metadata"].get("inclusion") != "automatic":
            each["metadata"]["selected"] = False
    output = run(config_of(younium), catalog=chosen).well()
    for row in output.records["accounts"]:
        assert set(row) == {"id", "_last_modified"}


def test_full_table_streams_end_with_activate_version_after_their_rows(younium: Simulator) -> None:
    """Sent before, a run that fails halfway would empty the table."""
    config: Any = config_of(younium, emit_activate_version_messages=True)
    output = run(config, select=["countries"]).well()
    kinds = [each["type"] for each in output.messages if each["type"] != "STATE"]
    assert kinds == ["SCHEMA", "RECORD", "RECORD", "RECORD", "ACTIVATE_VERSION"]
    versions = {each["version"] for each in output.messages if "version" in each}
    assert len(versions) == 1
