"""A model ─▶ its JSON Schema, as Singer targets want it: plain types, no `$ref`, nullable."""

from __future__ import annotations

from typing import Any

from msgspec import inspect

_SCALARS: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"type": ["boolean", "null"]},
    inspect.DateTimeType: {"type": ["string", "null"], "format": "date-time"},
    inspect.DictType: {"type": ["object", "null"]},
    inspect.FloatType: {"type": ["number", "null"]},
    inspect.IntType: {"type": ["integer", "null"]},
    inspect.StrType: {"type": ["string", "null"]},
    inspect.UUIDType: {"type": ["string", "null"], "format": "uuid"},
}


def strip(node: inspect.Type) -> inspect.Type:
    """Return what a field holds when it is neither null nor a secret's wrapping."""
    if isinstance(node, inspect.UnionType):
        (node,) = (kind for kind in node.types if not isinstance(kind, inspect.NoneType))
    return node


def is_secret(node: inspect.Type) -> bool:
    """Say whether a field's value must never leave the tap."""
    node = strip(node)
    return isinstance(node, inspect.Metadata) and bool((node.extra or {}).get("secret"))


def json_schema(node: inspect.Type) -> dict[str, Any]:
    """Return the JSON Schema of a model's node, as `msgspec.inspect.type_info` gives it."""
    node = strip(node)
    if isinstance(node, inspect.StructType):
        return {
            "type": ["object", "null"],
            "properties": {
                field.encode_name: json_schema(field.type)
                for field in node.fields
                if not is_secret(field.type)
            },
        }
    if isinstance(node, inspect.ListType):
        return {"type": ["array", "null"], "items": json_schema(node.item_type)}
    return dict(_SCALARS[type(node)])
