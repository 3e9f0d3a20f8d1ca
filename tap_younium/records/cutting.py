"""Cuts fields out of a row without opening the objects that they are in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Subn: TypeAlias = "Callable[[bytes, bytes], tuple[bytes, int]]"

_is_word = re.compile("[0-9A-Z_a-z]+").fullmatch
"""Matches a name whose quoted bytes, with a colon after them, are always the name of a field."""
_SCALAR = rb'(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^"{[,}\]]+)'


class FieldCutter:
    """Cuts fields out of the rows of one stream.

    Args:
        names: The names of the fields.
        others: The names of all other fields.
    """

    def __init__(self, names: Iterable[str], others: Iterable[str]) -> None:
        names = set(names)
        can_cut = all(map(_is_word, names)) and names.isdisjoint(others)
        self._cuts = [_cut(name.encode()) for name in names] if can_cut else []

    def cut(self, row: bytes, number: int) -> bytes | None:
        """Return a row without the fields; None if it must be opened for that.

        All of them are cut if none of their names is left. Nothing else is cut if their number is
        right: values elsewhere can have fields of any name.

        Args:
            row: The row.
            number: How many of the fields are in the row.
        """
        for name, subn, subn_first in self._cuts:
            row, found = subn(b"", row)
            number -= found
            if name in row:
                row, found = subn_first(b"{", row)
                number -= found
                if name in row:
                    return None
        return None if number else row


def _cut(name: bytes) -> tuple[bytes, _Subn, _Subn]:
    """Return a quoted name, and what cuts out its fields: all but first ones, and first ones."""
    name = b'"%b"' % name
    field = name + b":" + _SCALAR
    return name, re.compile(b"," + field).subn, re.compile(rb"\{%b,?" % field).subn
