"""JSON Schema of models, as Singer targets need it: plain types, no `$ref`, nullable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import inspect

CUSTOM_FIELDS = "customFields"

CustomTypes = Mapping[str, Mapping[str, str]]
"""The kinds of custom fields by object: `{"Account": {"segment": "string"}}`."""
CustomNames = Mapping[str, Mapping[str, str]]
"""Their names: `{"Account": {"segment": "Market segment"}}`."""

_SCALARS: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"type": ["boolean", "null"]},
    inspect.DateTimeType: {"type": ["string", "null"], "format": "date-time"},
    inspect.DictType: {"type": ["object", "null"]},
    inspect.FloatType: {"type": ["number", "null"]},
    inspect.IntType: {"type": ["integer", "null"]},
    inspect.StrType: {"type": ["string", "null"]},
    inspect.UUIDType: {"type": ["string", "null"], "format": "uuid"},
}

COLUMN_SCHEMAS: dict[str, dict[str, Any]] = {
    "array": {"type": ["array", "null"], "items": {}},
    "boolean": _SCALARS[inspect.BoolType],
    "date-time": _SCALARS[inspect.DateTimeType],
    "integer": _SCALARS[inspect.IntType],
    "number": _SCALARS[inspect.FloatType],
    "object": _SCALARS[inspect.DictType],
    "string": _SCALARS[inspect.StrType],
}
"""The kinds of columns outside of models: custom fields and columns of dynamic streams."""


def unwrap(node: inspect.Type) -> inspect.Type:
    """Return the type of a field without `| None`."""
    if isinstance(node, inspect.UnionType):
        (node,) = (kind for kind in node.types if not isinstance(kind, inspect.NoneType))
    return node


def is_secret(node: inspect.Type) -> bool:
    """Return whether a field's value must never leave the tap."""
    node = unwrap(node)
    return isinstance(node, inspect.Metadata) and bool((node.extra or {}).get("secret"))


def custom_object(node: inspect.StructType) -> str:
    """Return Younium's name of the object whose custom fields a model has; empty if none."""
    return str(getattr(node.cls, "custom_fields", ""))


def kind_of(column: Mapping[str, Any]) -> str:
    """Return the kind of a column, see `COLUMN_SCHEMAS`; text for any other."""
    types = column.get("type", "string")
    kind = types if isinstance(types, str) else next((it for it in types if it != "null"), "")
    kind = column.get("format", kind) if kind == "string" else kind
    return kind if kind in COLUMN_SCHEMAS else "string"


def json_schema(node: inspect.Type) -> dict[str, Any]:
    """Return the JSON Schema of a type from `with_custom_fields` or `fit_to_schema`."""
    node = unwrap(node)
    if isinstance(node, inspect.Metadata):
        extra = node.extra or {}
        if "kind" in extra:
            return dict(COLUMN_SCHEMAS[extra["kind"]])
        inner = {key: dict(COLUMN_SCHEMAS[kind]) for key, kind in extra["custom"].items()}
        return {"type": ["object", "null"], "properties": inner}
    if isinstance(node, inspect.ListType):
        return {"type": ["array", "null"], "items": json_schema(node.item_type)}
    if not isinstance(node, inspect.StructType):
        return dict(_SCALARS[type(node)])
    properties = {
        field.encode_name: json_schema(field.type)
        for field in node.fields
        if not is_secret(field.type)
    }
    return {"type": ["object", "null"], "properties": properties}
