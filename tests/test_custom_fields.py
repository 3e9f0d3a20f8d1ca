"""The tenant's own fields have the types of its configuration, and no value is lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pytest
from comparing import as_utc, differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer import (
    COLLECTIONS,
    PLACE,
    Digits,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    run,
    table_of,
    validate,
)
from stub import serving

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stub import Stub

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")

KINDS = {
    "Text": "string",
    "Enum": "string",
    "List": "string",
    "Entity": "string",
    "Integer": "integer",
    "Checkbox": "boolean",
    "Amount": "number",
    "DecimalNumber": "number",
    "Date": "date-time",
}
"""Younium's nine types, and their types in a schema."""

NULLABLE: dict[str, Row] = {
    "string": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "number": {"type": ["number", "null"]},
    "date-time": {"type": ["string", "null"], "format": "date-time"},
}

ORDER_LEVELS = {
    (): "Order",
    ("products",): "OrderProduct",
    ("products", "charges"): "OrderProductCharge",
}
LEVELS: dict[str, dict[tuple[str, ...], str]] = {
    "accounts": {(): "Account"},
    "countries": {(): "Country"},
    "invoices": {(): "Invoice", ("invoiceLines",): "InvoiceLine"},
    "journals": {("vouchers", "transactions"): "Posting"},
    "measurements": {(): "Measurement"},
    "products": {
        (): "Product",
        ("chargePlans",): "ChargePlan",
        ("chargePlans", "charges"): "Charge",
    },
    "quotes": {
        (): "Quote",
        ("products",): "QuoteProduct",
        ("products", "charges"): "QuoteProductCharge",
    },
    "sales_orders": ORDER_LEVELS,
    "simple_products": {(): "Product"},
    "subscriptions": ORDER_LEVELS,
    "usage": {(): "Usage"},
    "invoice_lines": {(): "InvoiceLine"},
    "journal_vouchers": {("transactions",): "Posting"},
    "journal_transactions": {(): "Posting"},
    "product_charge_plans": {(): "ChargePlan", ("charges",): "Charge"},
    "product_charges": {(): "Charge"},
    "quote_products": {(): "QuoteProduct", ("charges",): "QuoteProductCharge"},
    "quote_charges": {(): "QuoteProductCharge"},
    "sales_order_products": {(): "OrderProduct", ("charges",): "OrderProductCharge"},
    "sales_order_charges": {(): "OrderProductCharge"},
    "subscription_products": {(): "OrderProduct", ("charges",): "OrderProductCharge"},
    "subscription_charges": {(): "OrderProductCharge"},
    "subscription_versions": ORDER_LEVELS,
    "sales_order_versions": ORDER_LEVELS,
}
"""The streams with custom fields, the arrays that lead to them, and Younium's level."""

LARGE = sorted(LEVELS.keys() & COLLECTIONS.keys())
NESTED = {
    "invoice_lines": ("invoices", ("invoiceLines",)),
    "journal_transactions": ("journals", ("vouchers", "transactions")),
    "product_charges": ("products", ("chargePlans", "charges")),
    "quote_charges": ("quotes", ("products", "charges")),
    "sales_order_products": ("sales_orders", ("products",)),
    "subscription_charges": ("subscriptions", ("products", "charges")),
}


def level_of(schema: Row, arrays: tuple[str, ...]) -> Row:
    """The schema of `customFields` at the end of some arrays."""
    for name in arrays:
        schema = schema["properties"][name]["items"]
    found: Row = schema["properties"]["customFields"]
    return found


def types_at(schema: Row, arrays: tuple[str, ...] = ()) -> dict[str, Row]:
    found: dict[str, Row] = level_of(schema, arrays).get("properties", {})
    return {
        name: {key: it for key, it in column.items() if key != "description"}
        for name, column in found.items()
    }


def converted(kind: str, value: Any) -> Any:
    """What a value becomes in a typed field, by the tests' own reading; None if it would be lost.

    Numbers are `Digits`.
    """
    number = value if isinstance(value, Digits) else None
    text = value if isinstance(value, str) and number is None else None
    found: Any = None
    if kind == "string":
        found = json.dumps(value) if isinstance(value, bool) else text
        found = str(number) if number is not None else found
    elif kind == "boolean":
        words = {"true": True, "false": False}
        found = value if isinstance(value, bool) else words.get((text or "").lower())
    elif kind == "date-time":
        found = as_utc(text) if text and time_of(text) else None
    elif isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value):
        whole = Decimal(value) == Decimal(value).to_integral_value()
        found = (
            Digits(value) if kind == "number" else Digits(int(Decimal(value))) if whole else None
        )
    return found


def time_of(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text[:19]) if "T" in text else None
    except ValueError:
        return None


def expected(sent: Any, schema: Row, *, custom: bool = False) -> Any:
    """A record with the expected values of its typed custom fields.

    Times are left for `differences`, which knows them from the schema.
    """
    if isinstance(sent, list):
        return [expected(item, schema.get("items", {})) for item in sent]
    if not isinstance(sent, dict):
        return sent
    found = {}
    for name, item in sent.items():
        inner = schema.get("properties", {}).get(name, {})
        kind = inner.get("format") or next(iter(inner.get("type", ["?"])))
        if custom and inner and kind != "date-time" and item is not None:
            is_number = isinstance(item, int | Decimal) and not isinstance(item, bool)
            value = converted(kind, Digits(item) if is_number else item)
            found[name] = item if value is None else value
        else:
            found[name] = expected(item, inner, custom=name == "customFields")
    return found


# A tenant with all types at all levels


class Read(NamedTuple):
    """A run, and the catalog that was discovered with credentials."""

    younium: Simulator
    output: Output
    chosen: Row


@pytest.fixture(scope="module")
def everything() -> Iterator[Read]:
    with Simulator(accounts=40) as younium:
        chosen = catalog([*LARGE, *NESTED], config=config_of(younium))
        output = run(config_of(younium), catalog=chosen).well()
        yield Read(younium, output, chosen)


def configured(simulator: Simulator, level: str) -> dict[str, Row]:
    return {
        row["key"]: NULLABLE[KINDS[row["fieldType"]]]
        for row in simulator.rows("CustomFieldConfigurations")
        if row["entity"] == level
    }


@pytest.mark.parametrize("table", LEVELS)
def test_each_type_is_in_the_catalog_at_each_level(table: str, everything: Read) -> None:
    schema = table_of(everything.chosen, table)["schema"]
    for arrays, level in LEVELS[table].items():
        wanted = configured(everything.younium, level)
        assert len(wanted) == len(KINDS)
        assert types_at(schema, arrays) == wanted, (arrays, level)


@pytest.mark.parametrize("table", [*LARGE, *NESTED])
def test_the_schema_message_says_what_the_catalog_says(table: str, everything: Read) -> None:
    schema = everything.output.schemas[table]["schema"]
    for arrays, level in LEVELS[table].items():
        assert types_at(schema, arrays) == configured(everything.younium, level)


def records_at(records: list[Row], arrays: tuple[str, ...]) -> list[tuple[str, str, Row]]:
    found = [(record["id"], "", record) for record in records]
    for name in arrays:
        found = [
            (root, f"{place}.{number}", item)
            for root, place, above in found
            for number, item in enumerate(above.get(name) or [])
        ]
    return [(root, place[1:], item) for root, place, item in found]


@pytest.mark.parametrize("table", [*LARGE, *NESTED])
def test_nothing_that_younium_sent_is_missing_leaf_by_leaf(table: str, everything: Read) -> None:
    """What fits, or can be converted without loss, has its type; other values are in `_extra`."""
    collection, arrays = NESTED.get(table, (table, ()))
    schema = everything.output.schemas[table]["schema"]
    rows = {
        (row.get("_root_id", row.get("id")), row.get("_position", "")): row
        for row in everything.output.exact[table]
    }
    sent = records_at(everything.younium.rows(COLLECTIONS[collection]), arrays)
    assert len(rows) == len(sent)
    for root, place, record in sent:
        row = {n: value for n, value in rows[root, place].items() if n not in PLACE}
        assert not differences(expected(record, schema), row, schema), (root, place)


@pytest.mark.parametrize("table", ["accounts", "invoices"])
def test_with_an_untyped_catalog_values_have_only_the_types_of_the_schema(
    table: str, everything: Read
) -> None:
    """A catalog created without credentials has an open object: values in it are not converted."""
    output = run(config_of(everything.younium), select=[table]).well()
    schema = output.schemas[table]["schema"]
    rows = {row["id"]: row for row in output.exact[table]}
    for record in everything.younium.rows(COLLECTIONS[table]):
        assert not differences(expected(record, schema), rows[record["id"]], schema)
    assert validate(output) == len(rows)


def test_every_row_fits_the_schema_before_it(everything: Read) -> None:
    assert validate(everything.output) == sum(map(len, everything.output.records.values()))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_simulator_s_values_are_worth_comparing(kind: str, everything: Read) -> None:
    """Each type has values that fit, and values that do not."""
    key = next(
        row["key"]
        for row in everything.younium.rows("CustomFieldConfigurations")
        if row["fieldType"] == kind
    )
    values, extras = [], []
    for table in NESTED:
        for row in everything.output.records[table]:
            values.append((row.get("customFields") or {}).get(key))
            extras.append(((row["_extra"] or {}).get("customFields") or {}).get(key))
    assert any(value is not None for value in values)
    if KINDS[kind] != "string" or kind == "List":
        assert any(extra is not None for extra in extras)


# Values, one by one


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with serving() as server:
        yield server


@cache
def typed(server: Stub, configurations: str) -> Row:
    """The entry of accounts in the catalog of a tenant with these configurations."""
    answer(server, json.loads(configurations))
    chosen = catalog(["accounts"], config=server.config)
    return {"streams": [table_of(chosen, "accounts")]}


def through(server: Stub, configurations: list[Row], *fields: Any) -> Output:
    """Read accounts with these custom fields, with a catalog that has their types.

    Both lists get the same answer: each of its objects is a configuration and an account.
    """
    chosen = typed(server, written(configurations))
    accounts = [{"accountNumber": str(n), "customFields": each} for n, each in enumerate(fields)]
    answer(server, [*configurations, *accounts])
    return run(server.config, catalog=chosen).well()


def answer(server: Stub, records: list[Row]) -> None:
    whole = [{"id": str(UUID(int=place))} | record for place, record in enumerate(records)]
    body = f'{{"totalCount":{len(whole)},"data":{written(whole)}}}'.encode()
    server.listing = lambda: (200, body)


def written(value: Any) -> str:
    """JSON with the digits of `Digits`."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        items = (f"{json.dumps(name)}:{written(item)}" for name, item in value.items())
        return f"{{{','.join(items)}}}"
    return json.dumps(value)


def configuration(key: str, kind: str, level: str = "Account") -> Row:
    return {"key": key, "fieldType": kind, "entity": level, "name": key}


ALL_KINDS = [configuration(kind, kind) for kind in KINDS]


def accounts(output: Output) -> list[Row]:
    return [row for row in output.exact["accounts"] if "accountNumber" in row]


def shown(value: Any) -> str:
    return f"number {value}" if isinstance(value, Digits) else repr(value)


LONG = Digits("1234567890123456789.012345678901234567890")
FIT: list[tuple[str, Any, Any]] = [
    ("Text", "Väst 🚀", "Väst 🚀"),
    ("Text", "", ""),
    ("Text", "2024-01-31T00:00:00", "2024-01-31T00:00:00"),
    ("Text", "12", "12"),
    ("Text", Digits(17), "17"),
    ("Text", Digits("1.50"), "1.50"),
    ("Text", True, "true"),
    ("Enum", "Öst", "Öst"),
    ("Enum", Digits(3), "3"),
    ("List", "Norr", "Norr"),
    ("Entity", "0b7b1a52-6c0f-4a4e-9d8f-3f1f2c3d4e5f", "0b7b1a52-6c0f-4a4e-9d8f-3f1f2c3d4e5f"),
    ("Entity", Digits(5), "5"),
    ("Integer", Digits(-5), Digits(-5)),
    ("Integer", Digits(0), Digits(0)),
    ("Integer", "12", Digits(12)),
    ("Integer", "-12", Digits(-12)),
    ("Integer", Digits("12.0"), Digits(12)),
    ("Integer", Digits(9223372036854775807), Digits(9223372036854775807)),
    ("Checkbox", True, True),
    ("Checkbox", False, False),
    ("Checkbox", "true", True),
    ("Checkbox", "false", False),
    ("Amount", Digits("1.10"), Digits("1.10")),
    (
        "Amount",
        Digits("1234567890123456789.012345678901234567890"),
    )
    * 1
    + (Digits("1234567890123456789.012345678901234567890"),),
    ("Amount", Digits(5), Digits(5)),
    ("Amount", "1234.50", Digits("1234.50")),
    ("DecimalNumber", "0.125", Digits("0.125")),
    ("DecimalNumber", Digits("0.1000000000000000055"), Digits("0.1000000000000000055")),
    ("Date", "2024-01-31T00:00:00", "2024-01-31T00:00:00Z"),
    ("Date", "2024-01-31T10:20:30.1234567", "2024-01-31T10:20:30.123456Z"),
    ("Date", "2024-01-31", "2024-01-31T00:00:00Z"),
    ("Date", "2024-01-31T00:00:00Z", "2024-01-31T00:00:00Z"),
]


MISFITS: list[tuple[str, Any]] = [
    ("Text", ["Väst"]),
    ("Text", {"a": "b"}),
    ("List", ["Väst", "Öst"]),
    ("Enum", {"value": "Väst"}),
    ("Entity", {"id": "x"}),
    ("Integer", "about ten"),
    ("Integer", ""),
    ("Integer", Digits("2.5")),
    ("Integer", "2.5"),
    ("Integer", True),
    ("Integer", "1 000"),
    ("Integer", "012"),
    ("Integer", [Digits(1)]),
    ("Checkbox", "yes"),
    ("Checkbox", {}),
    ("Amount", "n/a"),
    ("Amount", "1,50"),
    ("Amount", "NaN"),
    ("Amount", "Infinity"),
    ("Amount", True),
    ("Amount", "true"),
    ("Integer", "false"),
    ("Amount", {"amount": Digits("1.10"), "currencyCode": "SEK"}),
    ("DecimalNumber", "light"),
    ("DecimalNumber", "null"),
    ("DecimalNumber", "[1]"),
    ("Date", "soon"),
    ("Date", ""),
    ("Date", Digits(20250131)),
    ("Date", "2024-02-30T00:00:00"),
    ("Date", ["2024-01-31"]),
]


@pytest.fixture(scope="module")
def one_by_one(stub: Stub) -> Output:
    """A run with an account for each case, alternately one that fits and one that does not."""
    cases = [(kind, value) for kind, value, _ in FIT] + MISFITS
    mixed = [*cases[::2], *cases[1::2]]
    return through(stub, ALL_KINDS, *({kind: value} for kind, value in mixed))


def row_of(output: Output, case: int) -> Row:
    """The row of a case by its number among all."""
    count = len(FIT) + len(MISFITS)
    order = [*range(count)[::2], *range(count)[1::2]]
    return accounts(output)[order.index(case)]


@pytest.mark.parametrize(("kind", "value", "kept"), FIT, ids=shown)
def test_a_value_that_fits_or_can_be_converted_without_loss_has_its_type(
    kind: str, value: Any, kept: Any, one_by_one: Output
) -> None:
    row = row_of(one_by_one, FIT.index((kind, value, kept)))
    assert row["customFields"] == {kind: kept}
    assert type(row["customFields"][kind]) is type(kept)
    assert row["_extra"] is None


@pytest.mark.parametrize(("kind", "value"), MISFITS, ids=shown)
def test_a_value_that_does_not_fit_is_null_and_unchanged_in_extra(
    kind: str, value: Any, one_by_one: Output
) -> None:
    places = [(each, type(it)) for each, it in MISFITS]
    same = [n for n, each in enumerate(MISFITS) if each == (kind, value)]
    place = next(n for n in same if places[n] == (kind, type(value)))
    row = row_of(one_by_one, len(FIT) + place)
    assert row["customFields"] == {kind: None}
    assert row["_extra"] == {"customFields": {kind: value}}


def test_typed_rows_fit_the_schema_before_them(one_by_one: Output) -> None:
    assert validate(one_by_one) == len(ALL_KINDS) + len(FIT) + len(MISFITS)


def test_a_value_that_fits_is_kept_next_to_one_that_does_not(stub: Stub) -> None:
    fields = {"Integer": "x", "Text": "kept", "Amount": Digits("1.0"), "Checkbox": None}
    output = through(stub, ALL_KINDS, fields, {"Integer": Digits(1)})
    first, second = accounts(output)
    assert first["customFields"] == fields | {"Integer": None}
    assert first["_extra"] == {"customFields": {"Integer": "x"}}
    assert second["customFields"] == {"Integer": Digits(1)}
    assert second["_extra"] is None


def test_a_value_that_does_not_fit_does_not_affect_other_records(stub: Stub) -> None:
    """Records that fit and records that do not, alternately."""
    values: list[Any] = ["x", Digits(1), Digits(2), "y", "3", Digits(4), [], Digits(5)]
    output = through(stub, ALL_KINDS, *({"Integer": value} for value in values))
    came = [row["customFields"]["Integer"] for row in accounts(output)]
    assert came == [None, "1", "2", None, "3", "4", None, "5"]
    extra = [row["_extra"] and row["_extra"]["customFields"] for row in accounts(output)]
    assert extra == [{"Integer": v} if v in ("x", "y", []) else None for v in values]


def test_keys_that_the_schema_lacks_go_to_extra(stub: Stub) -> None:
    """With their values unchanged: loaders that keep only the schema's columns would drop them."""
    fields: Row = {
        "old": Digits("1.10"),
        "Text": "typed",
        "when": "2024-01-31T00:00:00",
        "deep": {"a": [None, {"b": Digits("1.0")}], "modified": "2030-01-01T00:00:00"},
        "nothing": None,
        "modified": "2030-01-01T00:00:00",
    }
    output = through(stub, ALL_KINDS, fields)
    (row,) = accounts(output)
    assert row["customFields"] == {"Text": fields.pop("Text")}
    assert row["_extra"] == {"customFields": fields}
    assert row["_last_modified"] is None
    assert validate(output)
    assert not output.warnings("_extra")


@pytest.mark.parametrize("value", [[], "text", Digits(5), True, [{"Text": "a"}]])
def test_custom_fields_that_are_not_an_object_go_to_extra(value: Any, stub: Stub) -> None:
    output = through(stub, ALL_KINDS, value)
    (row,) = accounts(output)
    assert row["customFields"] is None
    assert row["_extra"] == {"customFields": value}


@pytest.mark.parametrize("empty", [{}, None])
def test_empty_custom_fields_are_empty(empty: Any, stub: Stub) -> None:
    (row,) = accounts(through(stub, ALL_KINDS, empty))
    assert row["customFields"] == empty
    assert row["_extra"] is None


KEYS = [
    "två ord",
    "class",
    "a.b",
    "modified",
    "id",
    "customFields",
    "_extra",
    "日本",
    '"',
    "$1",
    "T",
    "",
    "\\",
    'a"b\\c',
    "\n\t\x00\x1f",
    "__init__",
    "__slots__",
    "__dict__",
    "__class__",
    "__struct_fields__",
    "None",
    "self",
    "R&D",
    "<b>'+`é",
    "properties",
    "type",
    "modified date",
    "date",
    "Date",
    "x" * 300,
    "_0",
]
"""Any text, and names with a meaning in Python, msgspec or JSON Schema."""


@pytest.mark.parametrize("kind", ["Integer", "Date", "Text"])
def test_a_key_can_be_any_text(kind: str, stub: Stub) -> None:
    value: Any = {"Integer": Digits(7), "Text": "2024-01-31T00:00:00"}.get(
        kind, "2031-01-31T00:00:00"
    )
    kept = "2031-01-31T00:00:00Z" if kind == "Date" else value
    configurations = [configuration(key, kind) for key in KEYS]
    fields: list[Any] = [dict.fromkeys(KEYS, value), *({key: ["odd"]} for key in KEYS)]
    output = through(stub, configurations, *fields)
    types = types_at(output.schemas["accounts"]["schema"])
    assert types == dict.fromkeys(KEYS, NULLABLE[KINDS[kind]])
    first, *odd = accounts(output)
    assert first["customFields"] == dict.fromkeys(KEYS, kept)
    assert first["_extra"] is None
    assert first["_last_modified"] is None
    assert [row["_extra"] for row in odd] == [{"customFields": {key: ["odd"]}} for key in KEYS]
    assert validate(output)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=8)
    | st.sampled_from(
        ["12", "1.50", "true", "False", "2024-01-31T00:00:00", "2024-01-31", "0", "-1"]
    )
    | st.integers(-(10**25), 10**25).map(Digits)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6).map("{:f}".format).map(Digits),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)


def test_any_value_of_a_field_is_in_its_column_or_in_extra(stub: Stub) -> None:
    """Converted without loss, or unchanged; and each row fits its schema."""

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.dictionaries(st.sampled_from(sorted(KINDS)), ANYTHING), min_size=1))
    def check(fields: list[Row]) -> None:
        output = through(stub, ALL_KINDS, *fields)
        assert validate(output) == len(ALL_KINDS) + len(fields)
        for sent, row in zip(fields, accounts(output), strict=True):
            extra = (row["_extra"] or {}).get("customFields", {})
            assert set(row["customFields"]) == set(sent)
            for kind, value in sent.items():
                kept = row["customFields"][kind]
                if kept is None:
                    assert extra.get(kind) == value
                else:
                    assert kind not in extra
                    assert same(kept, value), (kind, value, kept)

    check()


def same(kept: Any, sent: Any) -> bool:
    """Whether a value was converted to another type without loss."""
    if kept == sent:
        return True
    if isinstance(sent, bool) or isinstance(kept, bool):
        return str(kept).lower() == str(sent).lower()
    if isinstance(kept, str) and kept.endswith("Z"):
        return kept == as_utc(sent) or kept == f"{sent}T00:00:00Z"
    return Decimal(kept) == Decimal(sent)


# Configurations


def test_a_field_of_a_type_that_is_new_to_the_tap_goes_to_extra(stub: Stub) -> None:
    """It has no column; without any column in `customFields`, the object is open and keeps it."""
    rows = [configuration("new", "Hologram"), configuration("seats", "Integer")]
    output = through(stub, rows, {"new": {"a": Digits("1.0")}, "seats": "5"})
    assert types_at(output.schemas["accounts"]["schema"]) == {"seats": NULLABLE["integer"]}
    (row,) = accounts(output)
    assert row["customFields"] == {"seats": "5"}
    assert row["_extra"] == {"customFields": {"new": {"a": "1.0"}}}
    output = through(stub, rows[:1], {"new": {"a": Digits("1.0")}, "seats": "5"})
    (row,) = accounts(output)
    assert row["customFields"] == {"new": {"a": "1.0"}, "seats": "5"}


@pytest.mark.parametrize(
    "odd",
    [
        {"fieldType": "Text", "entity": "Account"},
        {"key": "seats", "entity": "Account"},
        {"key": "seats", "fieldType": "Text"},
        {"key": Digits(5), "fieldType": "Text", "entity": "Account"},
        {"key": "seats", "fieldType": ["Text"], "entity": {}},
    ],
)
def test_an_incomplete_configuration_is_not_an_error(odd: Row, stub: Stub) -> None:
    output = through(stub, [odd, configuration("budget", "Amount")], {"budget": "1.0"})
    assert types_at(output.schemas["accounts"]["schema"]) == {"budget": NULLABLE["number"]}


def test_a_key_of_another_object_has_no_effect(stub: Stub) -> None:
    output = through(stub, [configuration("seats", "Integer", "Invoice")], {"seats": "5"})
    assert types_at(output.schemas["accounts"]["schema"]) == {}
    (row,) = accounts(output)
    assert row["customFields"] == {"seats": "5"}
    assert type(row["customFields"]["seats"]) is str


@pytest.mark.parametrize("order", [ENTITIES, ENTITIES[::-1]], ids=["number first", "text first"])
def test_a_key_with_different_types_in_two_legal_entities_is_text(
    order: tuple[str, ...],
) -> None:
    """The values of both are kept; a key with the same type in both keeps it."""
    with Younium(accounts=8, entities=ENTITIES) as younium:
        first, second = (
            {
                row["key"]: row["fieldType"]
                for row in younium.rows("CustomFieldConfigurations", entity)
                if row["entity"] == "OrderProductCharge"
            }
            for entity in ENTITIES
        )
        assert (first["weight"], second["weight"]) == ("DecimalNumber", "Text")
        config = config_of(younium, legal_entities=list(order))
        chosen = catalog(["subscription_charges"], config=config)
        output = run(config, catalog=chosen).well()
        for schema in (
            table_of(chosen, "subscription_charges")["schema"],
            output.schemas["subscription_charges"]["schema"],
        ):
            types = types_at(schema)
            assert types["weight"] == NULLABLE["string"]
            assert types["budget"] == NULLABLE["number"]
            assert types["seats"] == NULLABLE["integer"]
        assert validate(output)
        rows = {
            (row["_legal_entity"], row["id"]): (row.get("customFields") or {}).get("weight")
            for row in output.exact["subscription_charges"]
        }
        seen: dict[str, int] = dict.fromkeys(ENTITIES, 0)
        for entity in ENTITIES:
            for _, _, charge in records_at(
                younium.rows("Subscriptions", entity), ("products", "charges")
            ):
                sent = (charge.get("customFields") or {}).get("weight")
                text = str(sent).lower() if isinstance(sent, bool) else sent
                came = rows[entity, charge["id"]]
                assert came == (
                    None
                    if text is None
                    else f"{text:f}"
                    if isinstance(text, Decimal)
                    else str(text)
                )
                seen[entity] += sent is not None
        assert all(seen.values())


def test_a_key_of_only_one_legal_entity_has_its_type_for_all() -> None:
    with Younium(accounts=6, entities=ENTITIES) as younium:
        rows = younium.rows("CustomFieldConfigurations", ENTITIES[0])
        rows[:] = [row for row in rows if row["key"] != "seats"]
        chosen = catalog(config=config_of(younium))
        assert types_at(table_of(chosen, "accounts")["schema"])["seats"] == NULLABLE["integer"]


def test_a_catalog_s_types_apply_in_later_runs(stub: Stub) -> None:
    """A target has created columns with them, which a changed type in Younium must not break."""
    chosen = typed(stub, written([configuration("seats", "Text")]))
    answer(stub, [configuration("seats", "Integer"), {"customFields": {"seats": 5}}])
    output = run(stub.config, catalog=chosen).well()
    assert types_at(output.schemas["accounts"]["schema"])["seats"] == NULLABLE["string"]
    assert output.records["accounts"][1]["customFields"] == {"seats": "5"}


# Requests


def configurations_asked(simulator: Simulator) -> Counter[tuple[str | None, str]]:
    return Counter(
        (seen.headers.get("legal-entity"), seen.query["PageNumber"])
        for seen in simulator.requests
        if seen.path == "/CustomFieldConfigurations"
    )


def test_the_types_are_requested_once_a_run_and_never_if_the_catalog_has_them() -> None:
    """Without a catalog, the stream of the configurations reads the pages that gave the types.

    The first page is read twice, and the last one once, as in all streams that show no changes.
    """
    with Younium(accounts=2, entities=ENTITIES) as younium:
        config = config_of(younium)
        once = Counter((entity, page) for entity in ENTITIES for page in "112")
        output = run(config).well()
        assert configurations_asked(younium) == once
        came = {(row["_legal_entity"], row["id"]) for row in table(output)}
        there = {
            (entity, row["id"])
            for entity in ENTITIES
            for row in younium.rows("CustomFieldConfigurations", entity)
        }
        assert came == there
        assert len(table(output)) == len(there)
        younium.clear()
        run(config, select=["countries"]).well()
        assert not configurations_asked(younium)
        run(config, select=["custom_field_configurations"], state=output.state).well()
        assert configurations_asked(younium) == once


def table(output: Output) -> list[Row]:
    return output.records["custom_field_configurations"]


# Where Younium does not tell the types


def open_in(found: Row) -> bool:
    """Whether no custom field has a type anywhere in a catalog."""
    return all(
        types_at(table_of(found, name)["schema"], arrays) == {}
        for name, levels in LEVELS.items()
        for arrays in levels
    )


def test_without_credentials_custom_fields_are_open_and_discovery_works() -> None:
    assert open_in(catalog())


def test_without_permission_custom_fields_are_open_and_values_unchanged() -> None:
    with Younium(accounts=6, forbidden=["CustomFieldConfigurations"]) as younium:
        found = run(config_of(younium), "--discover").well()
        assert open_in(json.loads(found.stdout))
        assert found.warnings("Custom fields stay untyped")
        output = run(config_of(younium, skip_forbidden_streams=True)).well()
        assert output.warnings("Custom fields stay untyped")
        schema = output.schemas["subscriptions"]["schema"]
        rows = {row["id"]: row for row in output.exact["subscriptions"]}
        for record in younium.rows("Subscriptions"):
            assert not differences(record, rows[record["id"]], schema)
            assert rows[record["id"]]["_extra"] is None


def test_discovery_fails_with_wrong_credentials() -> None:
    """Meltano keeps a catalog, and would keep one without the types of custom fields."""
    with Younium(accounts=1) as younium:
        output = run(config_of(younium) | {"client_secret": "wr0ng"}, "--discover")
        assert "client_secret" in output.complaint
        assert not output.stdout
        assert "wr0ng" not in output.stderr


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="/CustomFieldConfigurations", status=500, times=None),
        Fault("status", path="/CustomFieldConfigurations", status=404, times=None),
        Fault("html", path="/CustomFieldConfigurations", times=None),
        Fault("other_json", path="/CustomFieldConfigurations", times=None),
        Fault("status", path="/auth/*", status=503, times=None),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status} {fault.path}",
)
def test_discovery_fails_when_the_types_of_custom_fields_can_not_be_read(fault: Fault) -> None:
    with Younium(accounts=1, faults=[fault]) as younium:
        output = run(config_of(younium), "--discover")
        assert fault.path.strip("*") in output.complaint
        assert not output.stdout
    fault.struck = 0


def test_discovery_fails_if_the_host_is_unreachable() -> None:
    nobody = {"client_id": "a", "client_secret": "b", "api_url": "http://127.0.0.1:9"}
    output = run(nobody, "--discover")
    assert "the connection failed" in output.complaint
    assert not output.stdout


def test_a_run_without_a_catalog_continues_without_types_and_fails_at_its_end() -> None:
    fault = Fault("status", path="/CustomFieldConfigurations", status=404, times=None)
    with Younium(accounts=2, faults=[fault]) as younium:
        output = run(config_of(younium))
        assert output.warnings("Custom fields stay untyped")
        assert "custom_field_configurations" in output.complaint
        assert len(output.records["accounts"]) == 2


def test_one_forbidden_legal_entity_does_not_untype_the_others() -> None:
    """Whatever the types, no value is lost."""
    with Younium(accounts=6, entities=ENTITIES) as younium:

        def forbid(seen: Any) -> None:
            prefix = "CustomFieldConfigurations"
            if seen.headers.get("legal-entity") == ENTITIES[1]:
                younium.forbidden.add(prefix)
            else:
                younium.forbidden.discard(prefix)

        younium.before_answer = forbid
        output = run(config_of(younium), select=["accounts"]).well()
        schema = output.schemas["accounts"]["schema"]
        assert validate(output)
        rows = {(row["_legal_entity"], row["id"]): row for row in output.exact["accounts"]}
        for entity in ENTITIES:
            for record in younium.rows("Accounts", entity):
                row = rows[entity, record["id"]]
                assert not differences(expected(record, schema), row, schema)
