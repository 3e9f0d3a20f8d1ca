"""A catalog that is older than the data: values without a column in it go to `_extra`.

A loader keeps the columns of the SCHEMA message. The tests compare those with what Younium sent.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from comparing import differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer import (
    OWN,
    PLACE,
    Digits,
    Output,
    Row,
    catalog,
    exactly,
    metadata_of,
    run,
    table_of,
    validate,
)
from stub import Stub, serving
from test_rows import ID, fitting, written

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = ("accounts", "subscriptions", "invoice_lines")
ARRAYS = {"invoice_lines": "invoiceLines"}
KINDS: list[Row] = [
    {"type": ["string", "null"]},
    {"type": ["integer", "null"]},
    {"type": ["number", "null"]},
    {"type": ["boolean", "null"]},
    {"type": ["string", "null"], "format": "date-time"},
]
KEYS = st.text(max_size=8) | st.sampled_from(
    ['a"b', "a\\b", "\x00", "__init__", "__slots__", "R&D", "id", "_extra", "type", "properties"]
)
CUSTOM = st.dictionaries(KEYS, st.sampled_from(KINDS), max_size=4)
MAPPED = {"__filter__": "1 == 1"}
"""A stream map that changes nothing, but keeps the rows off the fast path."""
WAYS: list[Row] = [
    {},
    {"stream_maps": dict.fromkeys(STREAMS, MAPPED)},
    *({"flattening_enabled": True, "flattening_max_depth": depth} for depth in (1, 5)),
    {"flattening_enabled": True, "flattening_max_depth": 2, "flattening_separator": "."},
]
ALL_OWN = {*OWN, *PLACE}


@pytest.fixture(scope="module")
def younium() -> Iterator[Stub]:
    with serving() as stub:
        yield stub


# Catalogs, older than the data


def with_custom(schema: Row, custom: Row) -> Row:
    """A schema in which each object with custom fields has these fields."""
    if "items" in schema:
        return schema | {"items": with_custom(schema["items"], custom)}
    if "properties" not in schema:
        return schema
    columns = {name: with_custom(inner, custom) for name, inner in schema["properties"].items()}
    if "customFields" in columns and custom:
        columns["customFields"] = columns["customFields"] | {"properties": custom}
    return schema | {"properties": columns}


def older(schema: Row, draw: Random, share: int, keep: tuple[str, ...] = ("id",)) -> Row:
    """A schema without a share of the columns (in percent), at every level, also the tap's own."""
    if "items" in schema:
        return schema | {"items": older(schema["items"], draw, share, ())}
    if "properties" not in schema:
        return schema
    columns = {
        name: older(inner, draw, share, ())
        for name, inner in schema["properties"].items()
        if name in keep or draw.randrange(100) >= share
    }
    return schema | {"properties": columns}


def catalog_of(stream: str, schema: Row) -> Row:
    entry = table_of(catalog([stream]), stream) | {"schema": schema}
    entry["metadata"] = [{"breadcrumb": [], "metadata": metadata_of(entry)}]
    return {"streams": [entry]}


# What a loader stores


def stored(value: Any, schema: Row) -> Any:
    """What a loader keeps that stores only the columns of its schema."""
    if isinstance(value, dict) and "properties" in schema:
        columns = schema["properties"]
        return {name: stored(it, columns[name]) for name, it in value.items() if name in columns}
    if isinstance(value, list) and schema.get("items"):
        return [stored(item, schema["items"]) for item in value]
    return value


def raised(row: Row, schema: Row, config: Row, above: str = "", level: int = 0) -> Row:
    """A flattened row, unflattened as far as the schema has its objects and arrays."""
    found: Row = {}
    for name, column in schema["properties"].items():
        key = f"{above}{name}"
        if "properties" in column and level < config["flattening_max_depth"]:
            prefix = key + config.get("flattening_separator", "__")
            found[name] = raised(row, column, config, prefix, level + 1)
        elif key in row:
            is_json = {"object", "array"} & {*column["type"]} and row[key] is not None
            found[name] = exactly(row[key]) if is_json else row[key]
    return found


def lost(sent: Row, row: Row, schema: Row) -> list[str]:
    """The values of a record that are in no column and not in `_extra`, except for empty ones."""
    return [
        each
        for each in differences(sent, row, schema)
        if not re.search(r": (\{\}|\[\]) became ", each)
    ]


def through(younium: Stub, stream: str, records: list[Row], config: Row, schema: Row) -> Output:
    body = written(records)
    if stream in ARRAYS:
        body = written([{"id": ID, ARRAYS[stream]: records}])
    younium.listing = lambda: (200, f'{{"totalCount":1,"data":{body}}}'.encode())
    config = {**younium.config, "superseded_versions": False, **config}
    return run(config, catalog=catalog_of(stream, schema)).well()


def records_of(schema: Row) -> st.SearchStrategy[list[Row]]:
    """Records in which every column can occur, with a value that fits it."""
    columns = {
        name: it for name, it in schema["properties"].items() if name not in {*ALL_OWN, "id"}
    }
    record = fitting({"type": "object", "properties": columns})
    return st.lists(record, min_size=1, max_size=3).map(
        lambda rows: [{"id": f"{ID[:-1]}{n}"} | row for n, row in enumerate(rows)]
    )


@pytest.mark.product
@pytest.mark.parametrize("way", WAYS, ids=json.dumps)
@pytest.mark.parametrize("stream", STREAMS)
def test_a_loader_that_keeps_only_the_schema_s_columns_loses_nothing(
    stream: str, way: Row, younium: Stub
) -> None:
    """Whatever the catalog lacks, at any level, flattened or not, on both paths."""
    full = table_of(catalog([stream]), stream)["schema"]

    @settings(
        max_examples=8,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        CUSTOM.flatmap(
            lambda custom: st.tuples(st.just(custom), records_of(with_custom(full, custom)))
        ),
        st.integers(0, 2**32).map(Random),
        st.sampled_from([0, 10, 40, 90]),
    )
    def check(data: tuple[Row, list[Row]], draw: Random, share: int) -> None:
        custom, records = data
        schema = older(with_custom(full, custom), draw, share)
        output = through(younium, stream, records, way, schema)
        assert validate(output) == len(records)
        promised = output.schemas[stream]["schema"]
        there = with_own(schema, full)
        for record, came in zip(records, output.exact[stream], strict=True):
            row = stored(came, promised)
            if "flattening_enabled" in way:
                row = raised(row, there, way)
            shown = {name: value for name, value in row.items() if name not in ALL_OWN - {"_extra"}}
            assert not lost(record, shown, there)

    check()


def with_own(schema: Row, full: Row) -> Row:
    own = {name: it for name, it in full["properties"].items() if name in {*ALL_OWN, "id"}}
    return schema | {"properties": own | schema["properties"]}


def test_typical_columns_that_are_missing(younium: Stub) -> None:
    """An amount, a nested quantity and a custom field that the catalog does not know yet."""
    full = with_custom(
        table_of(catalog(["subscriptions"]), "subscriptions")["schema"], {"a": KINDS[0]}
    )
    schema = json.loads(json.dumps(full))
    del schema["properties"]["tcv"]
    charges = schema["properties"]["products"]["items"]["properties"]["charges"]
    del charges["items"]["properties"]["quantity"]
    sent = {
        "id": ID,
        "tcv": {"amount": Digits("1.10")},
        "products": [{"charges": [{"quantity": Digits("2.0"), "version": Digits("1")}]}],
        "customFields": {"a": "known", "addedYesterday": "2024-01-31T00:00:00"},
    }
    output = through(younium, "subscriptions", [sent], {}, schema)
    (row,) = output.exact["subscriptions"]
    assert row["_extra"] == {
        "tcv": {"amount": "1.10"},
        "products": {"0": {"charges": {"0": {"quantity": "2.0"}}}},
        "customFields": {"addedYesterday": "2024-01-31T00:00:00"},
    }
    assert row["customFields"] == {"a": "known"}
    assert row["products"] == [{"charges": [{"version": "1"}]}]
    assert not output.warnings("_extra")
    assert "customFields.addedYesterday, products.charges.quantity, tcv" in output.stderr


@pytest.mark.parametrize("missing", ["modified", "products", "charges"])
def test_a_change_shows_even_if_the_catalog_lacks_its_column(missing: str, younium: Stub) -> None:
    """`_last_modified` is the newest change of the record that Younium sent, not of the row."""
    schema = json.loads(json.dumps(table_of(catalog(["subscriptions"]), "subscriptions")["schema"]))
    products = schema["properties"]["products"]["items"]
    for columns in (schema["properties"], products["properties"]):
        columns.pop(missing, None)
    charge = {"id": ID, "modified": "2024-05-01T00:00:00"}
    product = {"id": ID, "modified": "2024-03-01T00:00:00", "charges": [charge]}
    sent = {"id": ID, "modified": "2024-01-01T00:00:00", "products": [product]}
    if missing == "modified":
        sent |= {"modified": "2024-05-01T00:00:00", "products": []}
    output = through(younium, "subscriptions", [sent, sent | {"id": ID[:-1] + "1"}], {}, schema)
    rows = output.records["subscriptions"]
    assert [row["_last_modified"] for row in rows] == ["2024-05-01T00:00:00.000000Z"] * 2


def test_the_tap_s_own_columns_exist_even_if_the_catalog_lacks_them(younium: Stub) -> None:
    schema = {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}
    output = through(
        younium, "accounts", [{"id": ID, "name": "Acme", "inactive": True}], {}, schema
    )
    assert {*output.schemas["accounts"]["schema"]["properties"]} >= {"id", "name", "_extra"}
    (row,) = output.records["accounts"]
    assert (row["name"], row["_extra"]) == ("Acme", {"inactive": True})


# Primary keys of an older catalog


def with_key(stream: str, *key: str, without: str = "") -> Row:
    """A catalog in which a stream has another primary key, and may lack a column."""
    entry = table_of(catalog([stream]), stream)
    entry["key_properties"] = [*key]
    root = metadata_of(entry) | {"table-key-properties": [*key]}
    entry["metadata"] = [{"breadcrumb": [], "metadata": root}]
    entry["schema"]["properties"].pop(without, None)
    return {"streams": [entry]}


@pytest.mark.parametrize("fast_path", ["on", "off"])
@pytest.mark.parametrize(
    ("stream", "key", "record", "expected"),
    [
        (
            "account_addresses",
            ["id"],
            {"addresses": [{"id": ID, "city": "Umeå"}, {"city": "Lund"}]},
            {"city": "Umeå"},
        ),
        (
            "subscription_charges",
            ["_parent_id", "_position"],
            {"products": [{"charges": [{"id": ID}]}, {"id": ID, "charges": [{"id": ID}]}]},
            {"_parent_id": ID},
        ),
    ],
)
def test_no_row_lacks_the_primary_key_of_the_catalog(  # noqa: PLR0913, PLR0917
    stream: str,
    key: list[str],
    record: Row,
    expected: Row,
    fast_path: str,
    younium: Stub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_FAST_PATH", fast_path)
    younium.listing = lambda: (200, {"totalCount": 1, "data": [{"id": ID, **record}]})
    output = run(younium.config, catalog=with_key(stream, *key))
    assert output.schemas[stream]["key_properties"] == key
    (row,) = output.records[stream]
    assert row.items() >= expected.items()
    assert output.exit_code == 1
    assert "left out 1 row without primary key" in output.complaint


def test_the_schema_has_the_columns_of_the_catalog_s_primary_key(younium: Stub) -> None:
    younium.listing = lambda: (200, {"data": [{"id": ID, "accountNumber": "A-1"}]})
    given = with_key("accounts", "accountNumber", without="accountNumber")
    output = run(younium.config, catalog=given).well()
    assert output.schemas["accounts"]["schema"]["properties"]["accountNumber"]["type"] == "string"
    assert [row["accountNumber"] for row in output.records["accounts"]] == ["A-1"]


@pytest.mark.parametrize("column", ["oldKey", "_extra", "_root_id"])
def test_a_primary_key_that_no_row_can_have_is_rejected(column: str, younium: Stub) -> None:
    output = run(younium.config, catalog=with_key("accounts", column))
    assert output.exit_code == 2
    assert f"primary key of accounts has the column {column!r}" in output.complaint


TYPES: list[tuple[Any, Any, Any, Any]] = [
    ({"type": ["integer", "null"]}, Digits("2"), "2", None),
    ({"type": ["integer", "null"]}, Digits("2.5"), None, "2.5"),
    ({"type": ["string", "null"]}, Digits("2.50"), "2.50", None),
    ({"type": "string"}, Digits("2.50"), "2.50", None),
    ({"type": ["object", "null"]}, Digits("2.50"), None, "2.50"),
    ({}, Digits("2.50"), "2.50", None),
]


@pytest.mark.parametrize(("column", "value", "kept", "extra"), TYPES)
def test_a_value_fits_the_catalog_s_type(
    column: Row, value: Any, kept: Any, extra: Any, younium: Stub
) -> None:
    """Not the tap's type: in an older version the column can have another type."""
    schema = json.loads(json.dumps(table_of(catalog(["accounts"]), "accounts")["schema"]))
    schema["properties"]["acv"]["properties"]["amount"] = column
    output = through(younium, "accounts", [{"id": ID, "acv": {"amount": value}}], {}, schema)
    (row,) = output.exact["accounts"]
    assert row["acv"]["amount"] == kept
    assert row["_extra"] == (extra and {"acv": {"amount": extra}})
    assert len(output.warnings("1 value(s) of acv.amount do not match")) == bool(extra)


@pytest.mark.parametrize("way", [{}, {"flattening_enabled": True, "flattening_max_depth": 2}])
def test_what_is_deselected_does_not_come_back_in_extra(way: Row, younium: Stub) -> None:
    """Nor values in it that do not fit or have no column: they can be personal data."""
    chosen = catalog(["accounts"])
    entry = table_of(chosen, "accounts")
    for breadcrumb in (
        ("properties", "name"),
        ("properties", "defaultInvoiceAddress"),
        ("properties", "acv", "properties", "amount"),
        ("properties", "addresses"),
    ):
        metadata_of(entry, *breadcrumb)["selected"] = False
    secret = {"s": "Secret"}
    record = {
        "id": ID,
        "name": secret,
        "defaultInvoiceAddress": {"city": secret, "phone": "Secret"},
        "acv": {"amount": "Secret", "fresh": "kept"},
        "addresses": [{"phone": "Secret"}, "Secret"],
        "domain": {"kept": True},
    }
    younium.listing = lambda: (200, f'{{"totalCount":1,"data":{written([record])}}}'.encode())
    output = run({**younium.config, **way}, catalog=chosen).well()
    assert "Secret" not in output.stdout
    (row,) = output.records["accounts"]
    extra = json.loads(row["_extra"]) if way else row["_extra"]
    assert extra == {"acv": {"fresh": "kept"}, "domain": {"kept": True}}
    assert len(output.warnings("do not match")) == 1


@pytest.mark.parametrize("way", [{}, {"flattening_enabled": True, "flattening_max_depth": 2}])
def test_a_deselected_column_that_the_tap_does_not_know_stays_out(way: Row, younium: Stub) -> None:
    """Such as a custom field whose configuration the run may not read."""
    chosen = catalog(["accounts"])
    entry = table_of(chosen, "accounts")
    metadata = {"inclusion": "available", "selected": False}
    for *above, name in (("customFields", "born"), ("born",), ("acv", "born")):
        schema = entry["schema"]
        for part in above:
            schema = schema["properties"][part]
        schema.setdefault("properties", {})[name] = {"type": ["string", "null"]}
        breadcrumb = [part for step in (*above, name) for part in ("properties", step)]
        entry["metadata"].append({"breadcrumb": breadcrumb, "metadata": metadata})
    secret = {"born": "Secret", "fresh": "kept"}
    record = {"id": ID, **secret, "customFields": secret, "acv": {"amount": 1, **secret}}
    younium.listing = lambda: (200, f'{{"totalCount":1,"data":{written([record])}}}'.encode())
    output = run({**younium.config, **way}, catalog=chosen).well()
    assert "Secret" not in output.stdout
    assert output.stdout.count("kept") == 3
