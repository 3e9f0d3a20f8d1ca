"""A model ─▶ its JSON Schema, as Singer targets want it: plain types, no `$ref`, nullable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import inspect

CUSTOM_FIELDS = "customFields"

CustomTypes = Mapping[str, Mapping[str, str]]
"""What an object's custom fields hold: `{"Account": {"segment": "string"}}`, see `COLUMNS`."""

_SCALARS: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"type": ["boolean", "null"]},
    inspect.DateTimeType: {"type": ["string", "null"], "format": "date-time"},
    inspect.DictType: {"type": ["object", "null"]},
    inspect.FloatType: {"type": ["number", "null"]},
    inspect.IntType: {"type": ["integer", "null"]},
    inspect.StrType: {"type": ["string", "null"]},
    inspect.UUIDType: {"type": ["string", "null"], "format": "uuid"},
}

COLUMNS: dict[str, dict[str, Any]] = {
    "array": {"type": ["array", "null"], "items": {}},
    "boolean": _SCALARS[inspect.BoolType],
    "date-time": _SCALARS[inspect.DateTimeType],
    "integer": _SCALARS[inspect.IntType],
    "number": _SCALARS[inspect.FloatType],
    "object": _SCALARS[inspect.DictType],
    "string": _SCALARS[inspect.StrType],
}
"""Kinds of values that no model names: custom fields and sampled columns."""


def strip(node: inspect.Type) -> inspect.Type:
    """Return what a field holds when it is neither null nor a secret's wrapping."""
    if isinstance(node, inspect.UnionType):
        (node,) = (kind for kind in node.types if not isinstance(kind, inspect.NoneType))
    return node


def is_secret(node: inspect.Type) -> bool:
    """Say whether a field's value must never leave the tap."""
    node = strip(node)
    return isinstance(node, inspect.Metadata) and bool((node.extra or {}).get("secret"))


def custom_object(node: inspect.StructType) -> str:
    """Return whose custom fields a model holds, as Younium names the object; empty if none."""
    return str(getattr(node.cls, "custom_fields", ""))


def kind_of(column: Mapping[str, Any]) -> str:
    """Return the kind in `COLUMNS` that a column of a schema has; text where it has another."""
    types = column.get("type", "string")
    kind = types if isinstance(types, str) else next((it for it in types if it != "null"), "")
    kind = column.get("format", kind) if kind == "string" else kind
    return kind if kind in COLUMNS else "string"


def custom_types(node: inspect.Type, schema: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the types of custom fields that a table's schema gives."""
    types: dict[str, dict[str, str]] = {}
    for owner, key, kind in _customs(node, schema):
        types.setdefault(owner, {})[key] = kind
    return types


def _customs(node: inspect.Type, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    node = strip(node)
    if isinstance(node, inspect.ListType):
        yield from _customs(node.item_type, schema.get("items", {}))
    if isinstance(node, inspect.StructType):
        properties = schema.get("properties", {})
        owner = custom_object(node)
        for key, column in properties.get(CUSTOM_FIELDS, {}).get("properties", {}).items():
            yield owner, key, kind_of(column)
        for field in node.fields:
            yield from _customs(field.type, properties.get(field.encode_name, {}))


def json_schema(node: inspect.Type, custom: CustomTypes) -> dict[str, Any]:
    """Return the JSON Schema of a model's node, as `msgspec.inspect.type_info` gives it.

    Args:
        node: The node.
        custom: The types of the tenant's custom fields.
    """
    node = strip(node)
    if isinstance(node, inspect.ListType):
        return {"type": ["array", "null"], "items": json_schema(node.item_type, custom)}
    if not isinstance(node, inspect.StructType):
        return dict(_SCALARS[type(node)])
    properties = {
        field.encode_name: json_schema(field.type, custom)
        for field in node.fields
        if not is_secret(field.type)
    }
    if types := custom.get(custom_object(node)):
        properties[CUSTOM_FIELDS]["properties"] = {
            key: dict(COLUMNS[kind]) for key, kind in types.items()
        }
    return {"type": ["object", "null"], "properties": properties}
