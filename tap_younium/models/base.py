"""The types of fields, and the base class of models.

The models are the only source of field names and types: JSON Schema, row checks and docs follow
from them. Every field may be absent or null: Younium omits null fields.
"""

from datetime import datetime
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from msgspec import Meta, Raw, Struct

_T = TypeVar("_T")

Text = str | None
"""Text, and enums as well: Younium adds values to its enums."""
Integer = int | None
Number = float | None
"""An amount, rate or quantity. It is written with the digits that Younium sent, not as float."""
Flag = bool | None
Id = UUID | None
Time = Annotated[datetime, Meta(tz=False)] | None
"""A timestamp or a business date; Younium sends both without a time zone."""
Fields = dict[str, Raw] | None
"""An object with keys of the tenant's choice."""
Many = list[_T | None] | None
"""An array of objects or of plain values."""
Secret = Annotated[str, Meta(extra={"secret": True})] | None
"""A value that never leaves the tap and has no column."""


class Model(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An object of API 2.1. Fields are spelled exactly as in Younium's API."""

    custom_fields: ClassVar[str] = ""
    """The object's name in `/CustomFieldConfigurations`, if it has custom fields."""
