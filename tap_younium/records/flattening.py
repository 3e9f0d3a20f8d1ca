"""Flattens RECORD lines as the SDK flattens rows, without decoding their values."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.json import serialize_json

from tap_younium.records.decoding import decode
from tap_younium.records.writer import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_younium.records.columns import Row

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_has_other_escapes = re.compile(rb"\\[/u]|\x7f").search
"""Finds what the SDK would escape in another way than Younium."""


class Flattener:
    """Flattens the lines of one stream.

    Args:
        flatten: The SDK's function, which is asked once for each field what becomes of it.
    """

    def __init__(self, flatten: Callable[[Row], Row | None]) -> None:
        self._column_of = cache(lambda path: _ask(flatten, path, 0))
        self._column_of_object = cache(lambda path: _ask(flatten, path, {}))

    def flatten(self, line: bytes) -> bytes:
        """Return a RECORD line with the flattened row."""
        message = _decode_fields(line)
        row: Row = {}
        self._add(row, _decode_fields(message["record"]), ())
        return encode({**message, "record": row}) + b"\n"

    def _add(self, row: Row, fields: Mapping[str, msgspec.Raw], above: tuple[str, ...]) -> None:
        for name, value in fields.items():
            path, content = (*above, name), bytes(value)
            if content[:1] == b"{":
                column = self._column_of_object(path)
                if column is None:
                    self._add(row, _decode_fields(content), path)
                else:
                    row[column] = _text_of(content)
            else:
                column = self._column_of(path) or name
                row[column] = _text_of(content) if content[:1] == b"[" else value


def _ask(flatten: Callable[[Row], Row | None], path: tuple[str, ...], value: Any) -> str | None:
    """Return the column that a value at a path becomes; None if its own fields become columns."""
    row = value
    for name in reversed(path):
        row = {name: row}
    return next(iter(flatten(row) or ()), None)


def _text_of(value: bytes) -> msgspec.Raw:
    """Return the text that the SDK makes of JSON, as JSON."""
    if _has_other_escapes(value):
        return msgspec.Raw(encode(serialize_json(decode(value))))
    text = json.dumps(value.decode())  # only what is not ASCII becomes an escape with `u`
    return msgspec.Raw(text.replace("\\u", "\\\\u").encode())
