"""The catalog against Younium's published file: no collection, no field and no type is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from singer import COLLECTIONS, OWN, Row, catalog, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).parents[2] / "shared" / "younium" / "openapi-2.1.json"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the published file, ../shared/younium/openapi-2.1.json, is not here"
)

NOT_A_LIST = {"/Currency/BaseCurrency"}
SECRET = {("/Webhooks", "token")}


class Published:
    """The published file."""

    def __init__(self) -> None:
        document = json.loads(FILE.read_bytes())
        self.paths: Row = document["paths"]
        self._schemas: Row = document["components"]["schemas"]

    def lists(self) -> set[str]:
        """The paths of all collections."""
        return {
            path
            for path, operations in self.paths.items()
            if "get" in operations and "{" not in path and path not in NOT_A_LIST
        }

    def record(self, path: str) -> Row:
        """The schema of a collection's record, out of its envelope."""
        content = self.paths[path]["get"]["responses"]["200"]["content"]
        schema = self.followed(next(iter(content.values()))["schema"])
        if "data" in schema.get("properties", {}):
            schema = self.followed(schema["properties"]["data"])
        return self.followed(schema["items"]) if schema.get("type") == "array" else schema

    def followed(self, schema: Row) -> Row:
        """A schema behind its references."""
        while "$ref" in schema or "allOf" in schema:
            schema = schema.get("allOf", [schema])[0]
            if "$ref" in schema:
                schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def leaves(self, schema: Row, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
        """Every field path below a schema, and what is there, as `kind`."""
        schema = self.followed(schema)
        for name, field in schema.get("properties", {}).items():
            inner = self.followed(field)
            here = (*path, name)
            while inner.get("type") == "array":
                yield ".".join(here), "array"
                here = (*here, "[]")
                inner = self.followed(inner["items"])
            yield ".".join(here), kind(inner)
            yield from self.leaves(inner, here)


def kind(schema: Row) -> str:
    """A type and, where it means something to a target, its format."""
    types = schema.get("type", "object")
    (found,) = {types} if isinstance(types, str) else set(types) - {"null"}
    mark = schema.get("format")
    return f"{found}:{mark}" if mark in {"date-time", "uuid"} else str(found)


def columns(schema: Row, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every field path below a column, and what is there."""
    for name, field in schema.get("properties", {}).items():
        inner, here = field, (*path, name)
        while kind(inner) == "array":
            yield ".".join(here), "array"
            here = (*here, "[]")
            inner = inner["items"]
        yield ".".join(here), kind(inner)
        yield from columns(inner, here)


@pytest.fixture(scope="module")
def published() -> Published:
    return Published()


@pytest.fixture(scope="module")
def found() -> Row:
    return catalog()


def test_every_published_collection_is_a_table(published: Published, found: Row) -> None:
    assert {f"/{path}" for path in COLLECTIONS.values()} == published.lists()
    assert set(COLLECTIONS) <= {each["tap_stream_id"] for each in found["streams"]}


@pytest.mark.parametrize("table", COLLECTIONS)
def test_every_published_field_is_in_the_schema_with_its_type(
    table: str, published: Published, found: Row
) -> None:
    """And no other: a field that Younium does not have would always be null."""
    path = f"/{COLLECTIONS[table]}"
    there = {
        name: what
        for name, what in published.leaves(published.record(path))
        if (path, name) not in SECRET
    }
    here = dict(columns(table_of(found, table)["schema"]))
    own = {name: here.pop(name) for name in OWN & here.keys()}
    assert here.keys() == there.keys()
    keys = set(table_of(found, table)["key_properties"])
    wrong = {
        name: (here[name], what)
        for name, what in there.items()
        if here[name] != what and not (name in keys and what.startswith("string"))
    }
    assert not wrong
    assert own["_extra"] == "object"
    assert own["_legal_entity"] == "string"
    assert own.get("_last_modified", "string:date-time") == "string:date-time"


def test_the_token_of_webhooks_has_no_column(published: Published, found: Row) -> None:
    assert "token" in dict(published.leaves(published.record("/Webhooks")))
    assert "token" not in dict(columns(table_of(found, "webhooks")["schema"]))


@pytest.mark.parametrize("table", COLLECTIONS)
def test_every_field_but_the_keys_may_be_null(table: str, found: Row) -> None:
    """Younium leaves null fields out: nothing but ids can be relied on."""
    entry = table_of(found, table)
    for name, field in entry["schema"]["properties"].items():
        if name in entry["key_properties"]:
            assert field["type"] == "string"
        else:
            assert nullable(field), name


def nullable(schema: Row) -> bool:
    """A schema and all below it take null."""
    inner: list[Any] = [*schema.get("properties", {}).values()]
    inner += [schema["items"]] if "items" in schema else []
    return "null" in schema["type"] and all(map(nullable, inner))


def test_schemas_hold_no_references_and_no_enums(found: Row) -> None:
    """Targets want plain types; and Younium's enums grow."""
    text = json.dumps(found)
    for word in ("$ref", "anyOf", "allOf", "oneOf", '"enum"', "additionalProperties"):
        assert word not in text
