"""The fast path from a page to RECORD lines: rows are copied as bytes, not encoded again.

Each row is decoded once, strictly, to check that it fits its model. The bytes that Younium sent are
then written with only a `Z` added to each timestamp. Where columns are deselected, fields are
unknown or values do not fit, `RowEditor` edits those parts of a row. What it cannot edit takes the
slow path, `tap_younium.records.converter`, which gives the same rows.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, compress, groupby
from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import inspect

from tap_younium.records.columns import (
    EXTRA,
    LAST_MODIFIED,
    LEGAL_ENTITY,
    PARENT_ID,
    POSITION,
    READ_AT,
    ROOT_ID,
)
from tap_younium.records.conformance import as_key
from tap_younium.records.editor import HOLE, RowEditor
from tap_younium.records.fields import Field, attributes, list_of, separate_times
from tap_younium.records.json_schema import unwrap
from tap_younium.records.writer import encode
from tap_younium.timestamps import CHANGE_FIELDS, to_sortable, to_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_younium.api.page import Page
    from tap_younium.records.columns import Row
    from tap_younium.records.definition import RowDefinition
    from tap_younium.records.editor import EditedRow, Values
    from tap_younium.records.fields import Path
    from tap_younium.records.misfits import Misfits

_UNUSUAL = (
    re.compile(rb'-..(?:[t ]\d\d:|T(?<= "....-..-..T)|T(?<= :"....-..-..T))').search,
    re.compile(rb"\\(?=u00(?:2[dDeE]|3[0-9aA]|[4-7]))").search,
)
"""A timestamp with a space or `t` in its middle, or after a blank, which only some records have; a
character of a name or a timestamp that is written as an escape."""
_LINE_BLANKS = (b"\n", b"\r", b"\t")
_BLANKS = (b'": ', b'" :', *_LINE_BLANKS)
"""One of these is in JSON with blanks where they matter: around colons."""
_is_compact = re.compile(rb'\{"[^"\\]*":[^ ]').match
"""Matches a record without blanks, judged by its first field."""
_RECORD = msgspec.Raw(b"@")
"""Marks the record's place in a message; no stream's name contains it."""


class FastPathUnavailableError(Exception):
    """The rows of a stream cannot take the fast path."""


class FastPath:
    """The fast path of one stream.

    Args:
        definition: The definition of its rows.
        dated: Whether rows get `_last_modified` from the times in their record.
        mask: Which columns are selected, by their breadcrumb.
        misfits: Counts what goes to `_extra`.

    Attributes:
        row_type: The type of a row.

    Raises:
        FastPathUnavailableError: If the model has a timestamp and a text of the same name, or if
            the primary key has a column of the tap's that can be null.
    """

    def __init__(
        self,
        definition: RowDefinition,
        *,
        dated: bool,
        mask: Mapping[tuple[str, ...], bool],
        misfits: Misfits,
    ) -> None:
        self.row_type = definition.row_type
        self._stream = definition.stream
        self._array_path = definition.array_path
        self._dated = dated
        self._mask = mask
        keys = {*definition.primary_keys} - {ROOT_ID, POSITION, READ_AT}  # these are never null
        row = Field.of(definition.row_type)
        try:
            times = separate_times(row)
            for key in keys:
                row.fields[key].conform = as_key(row.fields[key].conform)  # type: ignore[index]
        except (KeyError, ValueError) as error:
            raise FastPathUnavailableError from error
        self._keys = [it for name, it in attributes(row.strict).items() if name in keys]
        self._split = _timestamp_pattern(times).split
        self._check = msgspec.json.Decoder(row.strict).decode
        self._check_all = msgspec.json.Decoder(row.strict).decode_lines
        self._decode_spine = msgspec.json.Decoder(_array_spine_type(definition.array_path)).decode
        self._decode_times = (
            msgspec.json.Decoder(_change_times_type(definition.record_type)).decode
            if dated
            else None
        )
        dropped = set(_dropped(row, mask))
        self._editor = RowEditor(
            row,
            [*keys],
            dropped,
            lambda path: mask[tuple(part for name in path for part in ("properties", name))],
            [] if self._array_path else definition.change_paths,
            misfits,
        )
        self._edits_all = self._must_edit_all = bool(dropped)
        self._decoded: Sequence[Any] = ()
        own = (ROOT_ID, PARENT_ID, POSITION, LAST_MODIFIED, READ_AT, LEGAL_ENTITY, EXTRA)
        self._hides_columns = not all(mask["properties", name] for name in own)

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
        columns = self._json_of(tap_columns)
        records = _without_blanks(page.records)
        rows, slow = self._rows_in(records)
        texts = [bytes(row) for _, row, _ in rows]
        edits = self._edits(texts, None if slow else self._decoded_before(page))
        for position, edit in edits.items():
            if edit:
                texts[position] = edit.row
            else:
                slow.add(rows[position][0])
        pieces = [*map(self._split, texts)]
        changes = page.findings.get("changes") or self._changes(records, pieces, edits, slow)
        if self._dated and not slow:
            page.findings["changes"] = changes
        if not (self._array_path or edits):
            page.findings["fast_path"], page.findings["decoded"] = self, self._decoded
        lines = []
        for position, (number, _, place) in enumerate(rows):
            edit = edits.get(position)
            end = self._end(place, columns, changes[number], edit and edit.extra)
            line = _line(pieces[position], before, b"%b%b\n" % (end, after))
            lines.append(_fill(line, edit.values) if edit and edit.values else line)
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
                yield by_record.get(number, []), changes[number]

    def _rows_in(
        self, records: Sequence[msgspec.Raw]
    ) -> tuple[list[tuple[int, msgspec.Raw, bytes]], set[int]]:
        """Return the rows in records, and which records need the slow path.

        A row comes with the number of its record and its `_root_id`, `_parent_id`, `_position`.
        """
        if not self._array_path:
            return [(number, record, b"") for number, record in enumerate(records)], set()
        rows = []
        slow = set()
        for number, record in enumerate(records):
            try:
                spine = self._decode_spine(record)
            except (msgspec.DecodeError, RecursionError):
                slow.add(number)
            else:
                if spine.id is None:
                    slow.add(number)
                rows += [
                    (number, item, self._json_of(place))
                    for item, place in _rows_below(spine, self._array_path, spine.id, "")
                ]
        return rows, slow

    def _edits(
        self, rows: Sequence[bytes], decoded: Sequence[object] | None
    ) -> dict[int, EditedRow | None]:
        """Return the edited rows by position; None for a row that needs the slow path.

        Args:
            rows: The rows.
            decoded: The rows, if the collection's stream has decoded them strictly.
        """
        if self._edits_all:
            odd = [*range(len(rows))]
        elif decoded is None:
            odd = self._odd(rows)
        else:
            odd = [position for position, row in enumerate(decoded) if self._lacks_key(row)]
        if not odd:
            return {}
        edited = self._editor.edit([rows[position] for position in odd])
        found = {
            position: None if edit and any(search(edit.row) for search in _UNUSUAL) else edit
            for position, edit in zip(odd, edited, strict=True)
        }
        needed = sum(not edit or edit.is_changed for edit in found.values())
        self._edits_all = self._must_edit_all or 2 * needed > len(rows)  # saves the first check
        return found

    def _odd(self, rows: Sequence[bytes]) -> list[int]:
        """Return the positions of rows that cannot be copied, or that lack their primary key."""
        together = b"\n".join(rows)
        try:
            self._decoded = self._check_all(together)
        except (msgspec.DecodeError, RecursionError):
            self._decoded = [self._try(row) for row in rows]
        unusual = any(search(together) for search in _UNUSUAL)
        return [
            position
            for position, (row, decoded) in enumerate(zip(rows, self._decoded, strict=True))
            if self._lacks_key(decoded) or (unusual and any(search(row) for search in _UNUSUAL))
        ]

    def _lacks_key(self, row: object) -> bool:
        return row is None or any(getattr(row, key) is None for key in self._keys)

    def _decoded_before(self, page: Page) -> Sequence[object] | None:
        """Return these rows as the collection's stream decoded them, if it copied its own."""
        collection: FastPath | None = page.findings.get("fast_path")
        if not (self._array_path and collection and self._is_within(collection)):
            return None
        decoded = page.findings["decoded"]
        for name in self._array_path:
            arrays = (getattr(row, attributes(row.__class__)[name]) or () for row in decoded)
            decoded = [item for array in arrays for item in array]
        return cast("Sequence[object]", decoded)

    @cache  # noqa: B019 - both live as long as the run
    def _is_within(self, collection: FastPath) -> bool:
        """Return whether a row of a collection that can be copied proves that these rows can."""
        node = collection.row_type
        for name in self._array_path:
            fields = {field.encode_name: field.type for field in unwrap(node).fields}  # type: ignore[attr-defined]
            if name not in fields:
                return False
            node = unwrap(fields[name]).item_type  # type: ignore[attr-defined]
        return unwrap(node) == unwrap(self.row_type)

    def _try(self, row: bytes) -> object:
        try:
            return self._check(row)
        except (msgspec.DecodeError, RecursionError):
            return None

    def _changes(
        self,
        records: Sequence[msgspec.Raw],
        pieces: Sequence[list[Any]],
        edits: Mapping[int, EditedRow | None],
        slow: set[int],
    ) -> list[str | None]:
        """Return when each record changed; a time that cannot be read makes a record slow."""
        if not self._decode_times:
            return [None] * len(records)
        hidden = self._array_path or (edits and self._editor.hides_changes)
        if not hidden:
            return [*map(_newest, pieces)]
        changes: list[str | None] = []
        for number, record in enumerate(records):
            try:
                times = [*_texts(self._decode_times(record))]
            except (msgspec.DecodeError, RecursionError):
                slow.add(number)
                times = []
            changes.append(max(map(to_sortable, filter(None, map(to_utc, times))), default=None))
        return changes

    def _end(
        self, place: bytes, columns: bytes, changed: str | None, extra: msgspec.Raw | None
    ) -> bytes:
        """Return the end of a row: the tap's own columns, without those that are deselected."""
        own = {LAST_MODIFIED: changed} if self._dated else {}
        return b",".join(filter(None, (place, columns, self._json_of(own | {EXTRA: extra})))) + b"}"

    def _json_of(self, columns: Mapping[str, Any]) -> bytes:
        """Return the selected columns as JSON, without the braces."""
        if self._hides_columns:
            columns = {name: columns[name] for name in columns if self._mask["properties", name]}
        return encode(columns)[1:-1]


def _without_blanks(records: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
    """Return records without blanks between their tokens.

    A server writes all records alike, so the first one is searched and the others are judged by
    their first field: a search of every record would cost a tenth of its time.
    """
    first, together = bytes(records[0]), b"".join(records)
    if (
        any(blank in first for blank in _BLANKS)
        or any(blank in together for blank in _LINE_BLANKS)
        or not all(map(_is_compact, records))
    ):
        return [msgspec.Raw(msgspec.json.format(bytes(record), indent=-1)) for record in records]
    return records


def _line(pieces: list[Any], before: bytes, end: bytes) -> bytes:
    """Return the line of a row that was split: a `Z` after each timestamp, columns at the end."""
    pieces[0] = before + pieces[0]
    pieces[2::3] = [b'Z"'] * (len(pieces) // 3)
    row = pieces[-1][:-1]
    pieces[-1] = row + end if row.endswith(b"{") else b"%b,%b" % (row, end)
    return b"".join(pieces)


def _fill(line: bytes, values: Values) -> bytes:
    """Return a line with the conformed values in their places."""
    first, *rest = line.split(HOLE)
    return b"".join([first, *chain.from_iterable(zip(values, rest, strict=True))])


def _newest(pieces: Sequence[Any]) -> str | None:
    """Return the newest change of a row that was split."""
    times = compress(zip(pieces[::3], pieces[1::3], strict=False), pieces[2::3])
    newest = max([text[-10:] + clock for text, clock in times], default=None)
    return newest and to_sortable(f"{newest.decode()}Z")


def _array_spine_type(array_path: Sequence[str]) -> Any:
    """Return a type that decodes only what leads to the rows of a nested stream."""
    fields: list[Any] = [("id", str | None, None)]
    if array_path:
        items = _array_spine_type(array_path[1:]) if array_path[1:] else msgspec.Raw
        fields.append((array_path[0], list_of(items) | None, None))
    return msgspec.defstruct("Spine", fields, gc=False)


def _rows_below(
    spine: Any, array_path: Sequence[str], root_id: str | None, above: str
) -> Iterator[tuple[msgspec.Raw, Row]]:
    """Yield the rows at the end of a spine, each with its columns `_root_id` and so on."""
    for number, item in enumerate(getattr(spine, array_path[0]) or ()):
        position = f"{above}{number}"
        if array_path[1:]:
            yield from _rows_below(item, array_path[1:], root_id, f"{position}.")
        else:
            yield item, {ROOT_ID: root_id, PARENT_ID: spine.id, POSITION: position}


def _change_times_type(node: inspect.Type) -> Any:
    """Return a type that decodes only the times of changes; None if a type has none."""
    node = unwrap(node)
    if isinstance(node, inspect.ListType):
        items = _change_times_type(node.item_type)
        return items and list_of(items | None)
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


def _dropped(
    field: Field, mask: Mapping[tuple[str, ...], bool], above: tuple[str, ...] = ()
) -> Iterator[Path]:
    """Yield the paths of secrets and of deselected columns; items of arrays have no selection."""
    for name, inner in (field.fields or {}).items():
        breadcrumb = (*above, "properties", name)
        if inner.secret or not mask[breadcrumb]:
            yield breadcrumb[1::2]
        else:
            yield from _dropped(inner, mask, breadcrumb)


def _timestamp_pattern(names: Iterable[str]) -> re.Pattern[bytes]:
    """Return the pattern that splits a row at the clock of each timestamp of these names.

    It matches from the `T`, which is rare, to the closing quote, and looks behind for the end of
    the name. A split gives the clocks, a digit for those of changes, and the text between.
    """
    changes = b"|".join(map(_after_names, ([name] for name in CHANGE_FIELDS)))
    by_length = groupby(sorted(names, key=len), len)
    groups = [rb"(?:%b)(?=(\d))" % changes, *(_after_names(alike) for _, alike in by_length)]
    return re.compile(rb'(T(?=\d\d:)(?:%b)[^"]{8,15})\d*"' % b"|".join(groups))


def _after_names(names: Iterable[str]) -> bytes:
    """Return a lookbehind for one of the names, which have one length, and a date."""
    return rb'(?<="(?:%b)":"....-..-..T)' % b"|".join(re.escape(name.encode()) for name in names)
