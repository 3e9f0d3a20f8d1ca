"""The catalog has each collection, field and type of Younium's published API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from singer import COLLECTIONS, OWN, Row, catalog, table_of

from docs.joins import ALL_STREAMS, name_of
from docs.keys import NULLABLE, reasons
from tap_younium.child import ChildStream
from tap_younium.streams import STREAMS
from upkeep.facts import fields, published

if TYPE_CHECKING:
    from tap_younium.client import YouniumStream

PUBLISHED = published()


@pytest.fixture(scope="module")
def found() -> Row:
    return catalog()


def test_every_published_collection_is_a_stream(found: Row) -> None:
    assert {f"/{path}" for path in COLLECTIONS.values()} == PUBLISHED.lists()
    assert set(COLLECTIONS) <= {each["tap_stream_id"] for each in found["streams"]}


@pytest.mark.parametrize("table", COLLECTIONS)
def test_every_published_field_is_in_the_schema_with_its_type(table: str, found: Row) -> None:
    """And no others: a field that Younium does not have would always be null."""
    there = PUBLISHED.fields(f"/{COLLECTIONS[table]}")
    here = fields(table_of(found, table)["schema"])
    own = {name: here.pop(name) for name in OWN & here.keys()}
    if table == "webhooks":
        del there["token"]
    assert here == there
    assert own["_extra"] == "object"
    assert own["_legal_entity"] == "string"
    assert own["_read_at"] == "string:date-time"
    assert own.get("_last_modified", "string:date-time") == "string:date-time"


def test_the_token_of_webhooks_has_no_column(found: Row) -> None:
    assert "token" in PUBLISHED.fields("/Webhooks")
    assert "token" not in fields(table_of(found, "webhooks")["schema"])


@pytest.mark.parametrize("table", COLLECTIONS)
def test_every_field_except_primary_keys_can_be_null(table: str, found: Row) -> None:
    """Younium leaves null fields out: only ids are always there."""
    entry = table_of(found, table)
    for name, field in entry["schema"]["properties"].items():
        if name in entry["key_properties"]:
            assert field["type"] == "string"
        else:
            assert nullable(field), name


def nullable(schema: Row) -> bool:
    """Whether a schema and all schemas in it allow null."""
    inner: list[Any] = [*schema.get("properties", {}).values()]
    inner += [schema["items"]] if "items" in schema else []
    return "null" in schema["type"] and all(map(nullable, inner))


def test_schemas_have_no_references_and_no_enums(found: Row) -> None:
    """Targets need plain types, and Younium adds values to enums."""
    text = json.dumps(found)
    for word in ("$ref", "anyOf", "allOf", "oneOf", '"enum"', "additionalProperties"):
        assert word not in text


# Primary keys


def may_be_absent(stream: type[YouniumStream], key: str) -> bool:
    path = (stream.child_path if issubclass(stream, ChildStream) else "") or stream.path
    return f"{key}?" in PUBLISHED.record(path, *stream.array_path)


def test_the_docs_name_each_primary_key_that_can_be_null() -> None:
    found = {
        name_of(stream)
        for stream in ALL_STREAMS
        for key in stream.primary_keys
        if not key.startswith("_") and may_be_absent(stream, key)
    }
    assert found <= set(NULLABLE)
    assert {name for name, _, why in reasons() if "Never null" not in why} >= found
    assert {name for name, *_ in reasons()} == {stream.name for stream in STREAMS}
