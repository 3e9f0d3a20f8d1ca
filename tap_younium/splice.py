"""The quick way from a page to RECORD lines: what fits leaves as it came, times zoned in place.

A record is decoded once, strictly, to see that it fits its model; what is written are the bytes
that Younium sent, so that nothing but a time is touched. A record that does not fit in every way
goes the way of `tap_younium.conform`, which is slower and gives the same.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import compress, groupby
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from tap_younium.models.schema import strip
from tap_younium.times import CHANGES, to_bookmark, to_utc
from tap_younium.writer import encode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tap_younium.listing import Page
    from tap_younium.rows import Shape

Time = Annotated[datetime, Meta(tz=False)]
_SCALARS: dict[type[inspect.Type], Any] = {
    inspect.BoolType: bool,
    inspect.DateTimeType: Time,
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.StrType: str,
    inspect.UUIDType: UUID,
}
_CUSTOM: dict[str, Any] = {
    "boolean": bool,
    "date-time": Time,
    "integer": int,
    "number": float,
    "string": str,
}
_ODD = (
    re.compile(rb"-..[t ]\d\d:").search,
    re.compile(rb"\\(?=u00(?:2[dDeE]|3[0-9aA]|[4-7]))").search,
)
"""A time with a blank or a small t in its middle; a letter, digit or sign of a name or a time,
written as an escape."""
_PLAIN = re.compile(r"[0-9:@-Z_a-z-]+").fullmatch
"""A name whose letters `_ODD` sees where they are written as escapes."""
_ODD_LETTER = re.compile(r"[^0-9:@-Z_a-z-]").finditer
_FIELD = re.compile(r'[^"\\\x00-\x1f]*').fullmatch
"""A name that msgspec takes for a field's."""
_RECORD = msgspec.Raw(b"@")
"""Where the record comes in a message; no table's name holds it."""
_COMPACT = re.compile(rb'\{"[^"\\]*":[^ ]').match
"""A record without blanks between its tokens, as its first field shows."""


class NotPlainError(Exception):
    """A table that can't be read the quick way."""


class Splice:
    """The quick way of one table.

    Args:
        shape: What its rows look like, and where they are.
        dated: Whether rows get `_last_modified` from their record's times.

    Raises:
        NotPlainError: If the model holds a secret, a name that is a time here and a text there, or
            a column that the catalog types in another way.
    """

    def __init__(self, shape: Shape, *, dated: bool) -> None:
        self._table = shape.table
        self._arrays = shape.arrays
        self._dated = dated
        names = _Names()
        row = names.strict(shape.node)
        attributes = zip(row.__struct_encode_fields__, row.__struct_fields__, strict=True)
        self._keys = [attribute for name, attribute in attributes if name in shape.keys]
        self._split = names.pattern().split
        fits = msgspec.json.Decoder(row)
        self._fits, self._fits_all = fits.decode, fits.decode_lines
        self._spine = msgspec.json.Decoder(_spine(shape.arrays)).decode
        self._times = msgspec.json.Decoder(_times(shape.root)).decode if dated else None

    def lines(
        self, page: Page, message: Mapping[str, Any], own: Mapping[str, Any]
    ) -> Iterator[msgspec.Raw | tuple[Sequence[bytes], str | None]]:
        """Yield the RECORD lines of records in a row, and the newest `modified` anywhere in these.

        A record that must go the slow way is yielded as it is, in its place between them.

        Args:
            page: The page.
            message: What the messages have in common beside type, stream and record.
            own: The tap's own columns that are the same in every row.
        """
        whole = encode({"type": "RECORD", "stream": self._table, "record": _RECORD, **message})
        before, _, after = whole.partition(b"@")
        columns = encode(own)[1:-1]
        end = b',"_extra":null}%b\n' % after
        rows, changes, slow = self._rows_in(page.records)
        texts = [bytes(row) for _, row, _ in rows]
        slow |= {rows[place][0] for place in self._misfits(texts)}
        pieces = [*map(self._split, texts)]
        if self._dated:
            if not self._arrays:
                changes = [*map(_newest, pieces)]
            dates = {change: b',"_last_modified":%b' % encode(change) for change in {*changes}}
            ends = [columns + dates[change] + end for change in changes]
        else:
            ends = [columns + end] * len(page.records)
        lines = [
            _zoned(parts, before, b",%b%b" % (place, ends[number]))
            for (number, _, place), parts in zip(rows, pieces, strict=True)
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
        """Return the rows of records, when these changed, and those that must go the slow way.

        A row comes with its record's number and the columns that place it.
        """
        if not self._arrays:
            return [(number, record, b"") for number, record in enumerate(records)], [], set()
        rows = []
        changes: list[str | None] = []
        slow = set()
        for number, record in enumerate(records):
            changed = None
            try:
                spine = self._spine(record)
                times = list(_texts(self._times(record))) if self._times else []
            except (msgspec.DecodeError, RecursionError):
                slow.add(number)
            else:
                if spine.id is None:
                    slow.add(number)
                bookmarks = [to_bookmark(time) for time in map(to_utc, times) if time]
                changed = max(bookmarks, default=None)
                rows += [(number, *row) for row in _placed(spine, self._arrays, spine.id, "")]
            changes.append(changed)
        return rows, changes, slow

    def _misfits(self, rows: Sequence[bytes]) -> Iterator[int]:
        """Yield the places of rows that do not fit the model in every way or lack their key."""
        together = b"\n".join(rows)
        found: Sequence[object]
        try:
            found = self._fits_all(together)
        except (msgspec.DecodeError, RecursionError):
            found = [self._try(row) for row in rows]
        odd = any(look(together) for look in _ODD)
        for place, (row, it) in enumerate(zip(rows, found, strict=True)):
            if (
                it is None
                or any(getattr(it, key) is None for key in self._keys)
                or _COMPACT(row) is None
                or b"\n" in row
                or (odd and any(look(row) for look in _ODD))
            ):
                yield place

    def _try(self, row: bytes) -> object:
        try:
            return self._fits(row)
        except (msgspec.DecodeError, RecursionError):
            return None


def _zoned(pieces: list[Any], before: bytes, columns: bytes) -> bytes:
    """Return a line of a row in pieces: with a zone behind each time, and columns behind all."""
    pieces[0] = before + pieces[0]
    pieces[2::3] = [b'Z"'] * (len(pieces) // 3)
    pieces[-1] = pieces[-1][:-1] + columns
    return b"".join(pieces)


def _newest(pieces: Sequence[Any]) -> str | None:
    """Return the newest `modified` of a row in pieces."""
    times = compress(zip(pieces[::3], pieces[1::3], strict=False), pieces[2::3])
    newest = max([text[-10:] + clock for text, clock in times], default=None)
    return newest and to_bookmark(f"{newest.decode()}Z")


def _list_of(items: Any) -> Any:
    """Return the type of a list of items of a type that is made here."""
    return list.__class_getitem__(items)


def _spine(arrays: Sequence[str]) -> Any:
    """Return a type that takes of a record what leads to the rows of a nested table."""
    fields: list[Any] = [("id", str | None, None)]
    if arrays:
        items = _spine(arrays[1:]) if arrays[1:] else msgspec.Raw
        fields.append((arrays[0], _list_of(items) | None, None))
    return msgspec.defstruct("Spine", fields, gc=False)


def _placed(
    spine: Any, arrays: Sequence[str], root: str | None, above: str
) -> Iterator[tuple[msgspec.Raw, bytes]]:
    """Yield the rows at a spine's end, each with the columns that place it."""
    for number, item in enumerate(getattr(spine, arrays[0]) or ()):
        place = f"{above}{number}"
        if arrays[1:]:
            yield from _placed(item, arrays[1:], root, f"{place}.")
        else:
            columns = {"_root_id": root, "_parent_id": spine.id, "_position": place}
            yield item, encode(columns)[1:-1] + b","


def _times(node: inspect.Type) -> Any:
    """Return a type that takes of a record the times of its changes; None where it has none."""
    node = strip(node)
    if isinstance(node, inspect.ListType):
        items = _times(node.item_type)
        return items and _list_of(items | None)
    if not isinstance(node, inspect.StructType):
        return None
    kinds = {
        field.encode_name: str if field.encode_name in CHANGES else _times(field.type)
        for field in node.fields
    }
    fields: list[Any] = [(name, kind | None, None) for name, kind in kinds.items() if kind]
    return msgspec.defstruct("Times", fields, gc=False) if fields else None


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in what `_times` took."""
    if isinstance(value, str):
        yield value
    elif value is not None:
        for item in value if isinstance(value, list) else msgspec.structs.astuple(value):
            yield from _texts(item)


class _Names:
    """What a model calls times, and what it calls texts: a text that looks like a time stays."""

    def __init__(self) -> None:
        self._times: set[str] = set()
        self._texts: set[str] = set()

    def strict(self, node: inspect.Type) -> Any:
        """Return a type that takes exactly what fits a node."""
        node = strip(node)
        if isinstance(node, inspect.ListType):
            return _list_of(self.strict(node.item_type) | None)
        if isinstance(node, inspect.StructType):
            return self._struct({it.encode_name: self.strict(it.type) for it in node.fields})
        if isinstance(node, inspect.DictType):
            return self._struct({})
        if not isinstance(node, inspect.Metadata):
            return _SCALARS[type(node)]
        custom = (node.extra or {}).get("custom")
        if custom is None:  # a secret, or a type of the catalog's own
            raise NotPlainError
        types = {key: _CUSTOM.get(kind) for key, kind in custom.items() if key not in CHANGES}
        return self._struct(
            {
                key: kind
                for key, kind in types.items()
                if kind and _FIELD(key) and (kind is not Time or _PLAIN(key))
            }
        )

    def _struct(self, types: Mapping[str, Any]) -> Any:
        """Return a struct of these fields and no others, each of which may be absent or null."""
        self._times |= {name for name, kind in types.items() if kind is Time}
        self._texts |= {name for name, kind in types.items() if kind is str}
        names = {f"_{place}": name for place, name in enumerate(types)}
        return msgspec.defstruct(
            "Strict",
            [(attribute, types[name] | None, None) for attribute, name in names.items()],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )

    def pattern(self) -> re.Pattern[bytes]:
        """Return what finds the clock of each time, after its date and up to its closing quote.

        It looks back from the `T`, which is rare, to as much of the name as tells it from a text's.
        A row splits into the clocks, a digit for those of changes, and what is between them.
        """
        if not self._texts.isdisjoint(CHANGES):
            raise NotPlainError
        texts = {form for name in self._texts for form in _forms(name)}
        ends = {_telling_end(name, texts) for name in self._times}
        shortest = [end for end in ends if not any(end != it and end.endswith(it) for it in ends)]
        changes = b"|".join(b'(?<="%b":"....-..-..T)' % name.encode() for name in CHANGES)
        behind = [rb"(?:%b)(?=(\d))" % changes]
        for _, alike in groupby(sorted(shortest, key=len), len):
            names = b"|".join(re.escape(end.encode()) for end in sorted(alike))
            behind.append(rb'(?<=(?:%b)":"....-..-..T)' % names)
        return re.compile(rb'(T(?=\d\d:)(?:%b)[^"]{8,15})\d*"' % b"|".join(behind))


def _forms(name: str) -> Iterator[str]:
    """Yield the ends that a name can have in JSON: its last odd letter may be an escape."""
    yield name
    *_, (odd, rest) = [("", ""), *((it[0], name[it.end() :]) for it in _ODD_LETTER(name))]
    if odd:
        yield odd.encode("utf-16-be")[-2:].hex() + rest


def _telling_end(name: str, others: Collection[str]) -> str:
    """Return the shortest end of a name that no other name has, in whatever case."""
    if name in others:
        raise NotPlainError
    ends = (name[-length:] for length in range(1, len(name) + 1))
    lower = [other.lower() for other in others]
    telling = (end for end in ends if not any(other.endswith(end.lower()) for other in lower))
    return next(telling, f'"{name}')
