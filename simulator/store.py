"""Tables held in memory, and the JSON bytes of their rows."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from simulator.catalog import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from simulator.filling import Row

T = TypeVar("T")

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
# A float would lose digits of amounts.
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: Any) -> bytes:
    """JSON as Younium writes it: without nulls and hidden keys, amounts digit for digit."""
    return _ENCODER.encode(_visible(value))


def _visible(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _visible(inner)
            for key, inner in value.items()
            if inner is not None and not key.startswith("_")
        }
    if isinstance(value, list):
        return [_visible(inner) for inner in value]
    return value


class Table:
    """The rows of one collection of one legal entity.

    Keys that begin with `_` are the server's own and are never sent: `_modified` is the hidden
    time of a sub entity that shows none. What is derived from rows is cached until `watch` returns
    the rows to change; from then on it is derived each time.
    """

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self._memory: dict[Hashable, Any] | None = {}

    def watch(self) -> list[Row]:
        """The live rows, which can be changed in place; no other table shares parts of them."""
        if self._memory is not None:
            self._memory = None
            self.rows = deepcopy(self.rows)
        return self.rows

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` derives from the rows, cached unless they are watched."""
        if self._memory is None:
            return make()
        if key not in self._memory:
            self._memory[key] = make()
        made: T = self._memory[key]
        return made

    def bytes_of(self, row: Row) -> bytes:
        """A row's JSON."""
        return self.remember((bytes, id(row)), lambda: encode(row))

    def find(self, field: str, value: str) -> Row | None:
        """The first row whose `field` is `value`."""
        if self._memory is None:
            return next((row for row in self.rows if row.get(field) == value), None)
        return self.remember(field, lambda: self._index(field)).get(value)

    def _index(self, field: str) -> dict[Any, Row]:
        return {row[field]: row for row in reversed(self.rows) if field in row}


def read_records(folder: Path) -> dict[str, Table]:
    """One table per collection from JSONL files such as `account.jsonl`; none means no rows.

    Raises:
        msgspec.DecodeError: a line is not JSON.
    """
    tables = {}
    for collection in COLLECTIONS.values():
        file = folder / collection.file
        lines = file.read_bytes().splitlines() if file.exists() else []
        pairs = [(_DECODER.decode(line), line) for line in lines if line.strip()]
        table = Table([row for row, _ in pairs])
        for row, line in pairs:
            # The line itself is served: none of its characters is changed.
            table.remember((bytes, id(row)), line.strip)
        tables[collection.name] = table
    return tables
