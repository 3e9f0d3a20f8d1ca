"""The fast path from a page to RECORD lines: rows are copied as bytes, not encoded again.

Each row is decoded once, strictly, to check that it fits its model. The bytes that Younium sent are
then written with only a `Z` added to each timestamp. Any other record takes the slow path,
`tap_younium.records.converter`, which gives the same rows.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import compress, groupby
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from tap_younium.records.columns import PARENT_ID, POSITION, READ_AT, ROOT_ID
from tap_younium.records.json_schema import unwrap
from tap_younium.records.writer import encode
from tap_younium.timestamps import CHANGE_FIELDS, to_sortable, to_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_younium.api.page import Page
    from tap_younium.records.definition import RowDefinition

Time = Annotated[datetime, Meta(tz=False)]
_SCALAR_TYPES: dict[type[inspect.Type], Any] = {
    inspect.BoolType: bool,
    inspect.DateTimeType: Time,
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.StrType: str,
    inspect.UUIDType: UUID,
}
_CUSTOM_TYPES: dict[str, Any] = {
    "boolean": bool,
    "date-time": Time,
    "integer": int,
    "number": float,
    "string": str,
}
_UNUSUAL = (
    re.compile(rb"-..[t ]\d\d:").search,
    re.compile(rb"\\(?=u00(?:2[dDeE]|3[0-9aA]|[4-7]))").search,
)
"""A timestamp with a space or `t` in its middle; a character of a name or a timestamp that is
written as an escape."""
_is_plain_name = re.compile(r"[0-9:@-Z_a-z-]+").fullmatch
"""Matches a name whose escaped characters `_UNUSUAL` finds."""
_is_field_name = re.compile(r'[^"\\\x00-\x1f]*').fullmatch
"""Matches a name that a field of a msgspec struct can have."""
_RECORD = msgspec.Raw(b"@")
"""Marks the record's place in a message; no stream's name contains it."""
_is_compact = re.compile(rb'\{"[^"\\]*":[^ ]').match
"""Matches a record without spaces between its tokens, judged by its first field."""


class FastPathUnavailableError(Exception):
    """The rows of a stream cannot take the fast path."""


class FastPath:
    """The fast path of one stream.

    Args:
        definition: The definition of its rows.
        dated: Whether rows get `_last_modified` from the times in their record.

    Raises:
        FastPathUnavailableError: If the model contains a secret, or a name that is a timestamp in
            one object and a text in another; if the catalog gives a column another type; or if the
            primary key has a column of the tap's that can be null.
    """

    def __init__(self, definition: RowDefinition, *, dated: bool) -> None:
        self._stream = definition.stream
        self._array_path = definition.array_path
        self._dated = dated
        keys = {*definition.primary_keys} - {ROOT_ID, POSITION, READ_AT}  # these are never null
        if not keys <= {*definition.fields}:
            raise FastPathUnavailableError
        names = _FieldNames()
        row = names.strict_type(definition.row_type)
        attributes = zip(row.__struct_encode_fields__, row.__struct_fields__, strict=True)
        self._keys = [attribute for name, attribute in attributes if name in keys]
        self._split = names.timestamp_pattern().split
        strict = msgspec.json.Decoder(row)
        self._check, self._check_all = strict.decode, strict.decode_lines
        self._decode_spine = msgspec.json.Decoder(_array_spine_type(definition.array_path)).decode
        self._decode_times = (
            msgspec.json.Decoder(_change_times_type(definition.record_type)).decode
            if dated
            else None
        )

    def lines(
        self, page: Page, message: Mapping[str, Any], tap_columns: Mapping[str, Any]
    ) -> Iterator[msgspec.Raw | tuple[Sequence[bytes], str | None]]:
        """Yield the RECORD lines of consecutive records, and the newest change in these.

        A record that needs the slow path is yielded as it is, in its place between them.

        Args:
            page: The page.
            message: What the messages share, other than type, stream and record.
            tap_columns: The tap's own columns that are the same in every row.
        """
        whole = encode({"type": "RECORD", "stream": self._stream, "record": _RECORD, **message})
        before, _, after = whole.partition(b"@")
        columns = encode(tap_columns)[1:-1]
        end = b',"_extra":null}%b\n' % after
        rows, changes, slow = self._rows_in(page.records)
        texts = [bytes(row) for _, row, _ in rows]
        slow |= {rows[position][0] for position in self._misfits(texts)}
        pieces = [*map(self._split, texts)]
        if self._dated:
            if not self._array_path:
                changes = [*map(_newest, pieces)]
            dates = {change: b',"_last_modified":%b' % encode(change) for change in {*changes}}
            ends = [columns + dates[change] + end for change in changes]
        else:
            ends = [columns + end] * len(page.records)
        lines = [
            _line(parts, before, b",%b%b" % (parent_columns, ends[number]))
            for (number, _, parent_columns), parts in zip(rows, pieces, strict=True)
        ]
        if not slow:
            yield lines, max(filter(None, changes), default=None)
            return
        by_record: dict[int, list[bytes]] = {}
        for (number, *_), line in zip(rows, lines, strict=True):
            by_record.setdefault(number, []).append(line)
        for number, record in enumerate(page.records):
            if number in slow:
                yield record
            else:
                yield by_record.get(number, []), changes[number] if changes else None

    def _rows_in(
        self, records: Sequence[msgspec.Raw]
    ) -> tuple[list[tuple[int, msgspec.Raw, bytes]], list[str | None], set[int]]:
        """Return the rows of records, when these changed, and those that need the slow path.

        A row comes with the number of its record and its `_root_id`, `_parent_id`, `_position`.
        """
        if not self._array_path:
            return [(number, record, b"") for number, record in enumerate(records)], [], set()
        rows = []
        changes: list[str | None] = []
        slow = set()
        for number, record in enumerate(records):
            changed = None
            try:
                spine = self._decode_spine(record)
                times = list(_texts(self._decode_times(record))) if self._decode_times else []
            except (msgspec.DecodeError, RecursionError):
                slow.add(number)
            else:
                if spine.id is None:
                    slow.add(number)
                bookmarks = [to_sortable(time) for time in map(to_utc, times) if time]
                changed = max(bookmarks, default=None)
                rows += [
                    (number, *row) for row in _rows_below(spine, self._array_path, spine.id, "")
                ]
            changes.append(changed)
        return rows, changes, slow

    def _misfits(self, rows: Sequence[bytes]) -> Iterator[int]:
        """Yield the positions of rows that do not fit the model or lack their primary key."""
        together = b"\n".join(rows)
        found: Sequence[object]
        try:
            found = self._check_all(together)
        except (msgspec.DecodeError, RecursionError):
            found = [self._try(row) for row in rows]
        unusual = any(search(together) for search in _UNUSUAL)
        for position, (row, decoded) in enumerate(zip(rows, found, strict=True)):
            if (
                decoded is None
                or any(getattr(decoded, key) is None for key in self._keys)
                or _is_compact(row) is None
                or b"\n" in row
                or (unusual and any(search(row) for search in _UNUSUAL))
            ):
                yield position

    def _try(self, row: bytes) -> object:
        try:
            return self._check(row)
        except (msgspec.DecodeError, RecursionError):
            return None


def _line(pieces: list[Any], before: bytes, columns: bytes) -> bytes:
    """Return the line of a row that was split: a `Z` after each timestamp, columns at the end."""
    pieces[0] = before + pieces[0]
    pieces[2::3] = [b'Z"'] * (len(pieces) // 3)
    pieces[-1] = pieces[-1][:-1] + columns
    return b"".join(pieces)


def _newest(pieces: Sequence[Any]) -> str | None:
    """Return the newest change of a row that was split."""
    times = compress(zip(pieces[::3], pieces[1::3], strict=False), pieces[2::3])
    newest = max([text[-10:] + clock for text, clock in times], default=None)
    return newest and to_sortable(f"{newest.decode()}Z")


def _list_of(items: Any) -> Any:
    """Return the type of a list of items of a type that is defined at run time."""
    return list.__class_getitem__(items)


def _array_spine_type(array_path: Sequence[str]) -> Any:
    """Return a type that decodes only what leads to the rows of a nested stream."""
    fields: list[Any] = [("id", str | None, None)]
    if array_path:
        items = _array_spine_type(array_path[1:]) if array_path[1:] else msgspec.Raw
        fields.append((array_path[0], _list_of(items) | None, None))
    return msgspec.defstruct("Spine", fields, gc=False)


def _rows_below(
    spine: Any, array_path: Sequence[str], root_id: str | None, above: str
) -> Iterator[tuple[msgspec.Raw, bytes]]:
    """Yield the rows at the end of a spine, each with its columns `_root_id` and so on."""
    for number, item in enumerate(getattr(spine, array_path[0]) or ()):
        position = f"{above}{number}"
        if array_path[1:]:
            yield from _rows_below(item, array_path[1:], root_id, f"{position}.")
        else:
            columns = {ROOT_ID: root_id, PARENT_ID: spine.id, POSITION: position}
            yield item, encode(columns)[1:-1] + b","


def _change_times_type(node: inspect.Type) -> Any:
    """Return a type that decodes only the times of changes; None if a type has none."""
    node = unwrap(node)
    if isinstance(node, inspect.ListType):
        items = _change_times_type(node.item_type)
        return items and _list_of(items | None)
    if not isinstance(node, inspect.StructType):
        return None
    kinds = {
        field.encode_name: str
        if field.encode_name in CHANGE_FIELDS
        else _change_times_type(field.type)
        for field in node.fields
    }
    fields: list[Any] = [(name, kind | None, None) for name, kind in kinds.items() if kind]
    return msgspec.defstruct("Times", fields, gc=False) if fields else None


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in what `_change_times_type` decoded."""
    if isinstance(value, str):
        yield value
    elif value is not None:
        for item in value if isinstance(value, list) else msgspec.structs.astuple(value):
            yield from _texts(item)


class _FieldNames:
    """Which names are timestamps in a model, and which are texts: those stay as they are."""

    def __init__(self) -> None:
        self._timestamps: set[str] = set()
        self._texts: set[str] = set()

    def strict_type(self, node: inspect.Type) -> Any:
        """Return a type that decodes exactly what fits."""
        node = unwrap(node)
        if isinstance(node, inspect.ListType):
            return _list_of(self.strict_type(node.item_type) | None)
        if isinstance(node, inspect.StructType):
            return self._struct({it.encode_name: self.strict_type(it.type) for it in node.fields})
        if isinstance(node, inspect.DictType):
            return self._struct({})
        if not isinstance(node, inspect.Metadata):
            return _SCALAR_TYPES[type(node)]
        custom = (node.extra or {}).get("custom")
        if custom is None:  # a secret, or a kind that the catalog sets
            raise FastPathUnavailableError
        types = {
            key: _CUSTOM_TYPES.get(kind) for key, kind in custom.items() if key not in CHANGE_FIELDS
        }
        return self._struct(
            {
                key: kind
                for key, kind in types.items()
                if kind and _is_field_name(key) and (kind is not Time or _is_plain_name(key))
            }
        )

    def _struct(self, types: Mapping[str, Any]) -> Any:
        """Return a struct with exactly these fields, each of which may be absent or null."""
        self._timestamps |= {name for name, kind in types.items() if kind is Time}
        self._texts |= {name for name, kind in types.items() if kind is str}
        names = {f"_{place}": name for place, name in enumerate(types)}
        return msgspec.defstruct(
            "Strict",
            [(attribute, types[name] | None, None) for attribute, name in names.items()],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )

    def timestamp_pattern(self) -> re.Pattern[bytes]:
        """Return the pattern that splits a row at the clock of each timestamp.

        It matches from the `T`, which is rare, to the closing quote, and looks behind for the end
        of the name. A split gives the clocks, a digit for those of changes, and the text between.
        """
        if not self._texts.isdisjoint(self._timestamps | {*CHANGE_FIELDS}):
            raise FastPathUnavailableError
        changes = b"|".join(map(_after_names, ([name] for name in CHANGE_FIELDS)))
        by_length = groupby(sorted(self._timestamps, key=len), len)
        names = [rb"(?:%b)(?=(\d))" % changes, *(_after_names(alike) for _, alike in by_length)]
        return re.compile(rb'(T(?=\d\d:)(?:%b)[^"]{8,15})\d*"' % b"|".join(names))


def _after_names(names: Iterable[str]) -> bytes:
    """Return a lookbehind for one of the names, which have one length, and a date."""
    return rb'(?<="(?:%b)":"....-..-..T)' % b"|".join(re.escape(name.encode()) for name in names)
