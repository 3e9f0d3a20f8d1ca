"""What the models are made of: one name per kind of value, and the class they inherit.

The models are the one source of field names and types: JSON Schema, typed rows and docs come from
them. Every field may be absent or null: Younium leaves null fields out.
"""

from datetime import datetime
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from msgspec import Meta, Raw, Struct

_T = TypeVar("_T")

Text = str | None
"""Text, and enums too: Younium's enums grow."""
Integer = int | None
Number = float | None
"""An amount, rate or quantity. Its digits leave as they came: no float is ever written."""
Flag = bool | None
Id = UUID | None
Time = Annotated[datetime, Meta(tz=False)] | None
"""A time or a business date; Younium sends both without a zone."""
Fields = dict[str, Raw] | None
"""An object whose keys the tenant chose."""
Many = list[_T | None] | None
"""An array of objects or of plain values."""
Secret = Annotated[str, Meta(extra={"secret": True})] | None
"""A value that never leaves the tap, and has no column."""


class Model(Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One object of API 2.1. A field's name is Younium's own, to the letter."""

    custom_fields: ClassVar[str] = ""
    """Whose custom fields it holds, as `/CustomFieldConfigurations` names the object."""
