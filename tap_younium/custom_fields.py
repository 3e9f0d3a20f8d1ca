"""`/CustomFieldConfigurations` ─▶ the types of the tenant's custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tap_younium.errors import YouniumError
from tap_younium.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_younium.models.schema import CustomTypes
    from tap_younium.pages import Pages

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
"""Younium's types of custom fields ─▶ the tap's."""


class _Configuration(msgspec.Struct, rename="camel"):
    key: str | None = None
    entity: str | None = None
    field_type: str | None = None


_decode = msgspec.json.Decoder(_Configuration).decode


def read(
    pages: Pages, legal_entities: Iterable[str | None], failed: Callable[[YouniumError], object]
) -> CustomTypes:
    """Return the types by object and key. A key that is typed in two ways is text.

    Args:
        pages: The pages of the run.
        legal_entities: Whose custom fields to read.
        failed: Called for each legal entity whose custom fields can't be read.
    """
    found: dict[str, dict[str, str]] = {}
    for entity in legal_entities:
        listing = Listing("/CustomFieldConfigurations", entity)
        pages.expect([listing, listing])  # the pages are kept for the stream of the same name
        try:
            records = [record for page in pages.read(listing) for record in page.records]
        except YouniumError as error:
            failed(error)
            continue
        for record in records:
            try:
                field = _decode(record)
            except (msgspec.DecodeError, RecursionError):
                continue  # the stream of the configurations keeps it
            kind = KINDS.get(field.field_type or "")
            if field.key is not None and field.entity and kind:
                keys = found.setdefault(field.entity, {})
                keys[field.key] = kind if keys.get(field.key, kind) == kind else "string"
    return found
