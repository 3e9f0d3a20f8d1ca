"""The types of the tenant's custom fields, from `/CustomFieldConfigurations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tap_younium.api.query import Query
from tap_younium.exceptions import YouniumError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_younium.pagination.reader import PageReader
    from tap_younium.records.json_schema import CustomTypes

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
"""Younium's types of custom fields, and the kinds of columns that they become."""


class _Configuration(msgspec.Struct, rename="camel"):
    key: str | None = None
    entity: str | None = None
    field_type: str | None = None


_decode = msgspec.json.Decoder(_Configuration).decode


def read_custom_types(
    reader: PageReader,
    legal_entities: Iterable[str | None],
    on_error: Callable[[YouniumError], object],
) -> CustomTypes:
    """Return the kinds of custom fields by object and key. A key with two types is text.

    Args:
        reader: Reads the pages.
        legal_entities: The legal entities whose custom fields to read.
        on_error: Called for each legal entity whose custom fields cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    for entity in legal_entities:
        query = Query("/CustomFieldConfigurations", entity)
        try:
            pages = reader.read_early(query)  # for the stream of the same name
            records = [record for page in pages for record in page.records]
        except YouniumError as error:
            on_error(error)
            continue
        for record in records:
            try:
                field = _decode(record)
            except (msgspec.DecodeError, RecursionError):
                continue  # the stream custom_field_configurations reports it
            kind = KINDS.get(field.field_type or "")
            if field.key is not None and field.entity and kind:
                keys = found.setdefault(field.entity, {})
                keys[field.key] = kind if keys.get(field.key, kind) == kind else "string"
    return found
