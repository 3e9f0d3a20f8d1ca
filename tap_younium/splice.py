"""The quick way from a page to RECORD lines: what fits leaves as it came, times zoned in place.

A record is decoded once, strictly, to see that it fits its model; what is written are the bytes
that Younium sent, so that nothing but a time is touched. A record that does not fit in every way
goes the way of `tap_younium.conform`, which is slower and gives the same.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from keyword import iskeyword
from operator import add
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from tap_younium.models.schema import CUSTOM_FIELDS, CustomTypes, custom_object, is_secret, strip
from tap_younium.times import to_bookmark, to_utc
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
MODIFIED = "modified"
_MODIFIED = b'"modified":"'
_SMALL_T = re.compile(rb"-\d\d[t ]\d\d:").search
_ODD_FORM = re.compile(rb"-\d\d[t ]\d\d:|\\u00(?:2[dDeE]|3[0-9aA]|[4-7])").search
"""A time with a blank or a small t in its middle; a letter, digit or sign written as an escape."""
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
        NotPlainError: If the model holds a secret, or a name that is a time here and a text there.
    """

    def __init__(self, shape: Shape, *, dated: bool) -> None:
        self._table = shape.table
        self._arrays = shape.arrays
        self._dated = dated
        names = _Names()
        row = names.strict(shape.node, shape.custom)
        self._keys = [key for key in shape.keys if key in row.__struct_fields__]
        self._split = names.pattern().split
        self._fits_all = msgspec.json.Decoder(_list_of(row)).decode
        self._fits = msgspec.json.Decoder(row).decode
        self._spine = msgspec.json.Decoder(_spine(shape.arrays)).decode
        self._times = msgspec.json.Decoder(_times(shape.root)).decode if dated else None

    def lines(
        self, page: Page, message: Mapping[str, Any], own: Mapping[str, Any]
    ) -> Iterator[tuple[Sequence[bytes], str | None] | None]:
        """Yield the RECORD lines that each record gives, and the newest `modified` anywhere in it.

        Where a record must go the slow way, None is yielded.

        Args:
            page: The page.
            message: What the messages have in common beside type, stream and record.
            own: The tap's own columns that are the same in every row.
        """
        whole = encode({"type": "RECORD", "stream": self._table, "record": _RECORD, **message})
        before, _, after = whole.partition(b"@")
        columns = encode(own)[1:-1]
        end = b',"_extra":null}%b\n' % after
        groups = [self._rows_in(record) for record in page.records]
        fitting = self._fitting([row for rows, _ in filter(None, groups) for row, _ in rows])
        for group in groups:
            rows, changed = group or ([], None)
            verdicts = list(islice(fitting, len(rows)))  # all are taken, whatever the first says
            if group is None or not all(verdicts):
                yield None
                continue
            lines = []
            for row, place in rows:
                texts = self._split(row)  # what is between the clocks of times, and the clocks
                last = texts.pop()[:-1]
                if self._dated and not self._arrays:
                    changed = _newest(texts)
                dated = b',"_last_modified":%b' % encode(changed) if self._dated else b""
                pieces = [*map(add, texts[::2], texts[1::2])]
                pieces.append(b"%b,%b%b%b%b" % (last, place, columns, dated, end))
                pieces[0] = before + pieces[0]
                lines.append(b'Z"'.join(pieces))
            yield lines, changed

    def _rows_in(
        self, record: msgspec.Raw
    ) -> tuple[list[tuple[msgspec.Raw, bytes]], str | None] | None:
        """Return a record's rows, each with the columns that place it, and its newest change."""
        if not self._arrays:
            return [(record, b"")], None
        try:
            spine = self._spine(record)
            times = list(_texts(self._times(record))) if self._times else []
        except msgspec.ValidationError:
            return None
        if spine.id is None:
            return None
        bookmarks = [to_bookmark(time) for time in map(to_utc, times) if time]
        return list(_placed(spine, self._arrays, spine.id, "")), max(bookmarks, default=None)

    def _fitting(self, records: Sequence[msgspec.Raw]) -> Iterator[bool]:
        """Yield whether each record fits the model in every way and has its key."""
        together = b"[%b]" % b",".join(records)
        rows: Sequence[object]
        try:
            rows = self._fits_all(together)
        except msgspec.ValidationError:
            rows = [self._try(record) for record in records]
        in_one_line = b"\n" not in together
        odd = _SMALL_T(together) or b"\\u00" in together
        for record, row in zip(records, rows, strict=True):
            yield (
                row is not None
                and in_one_line
                and all(getattr(row, key) is not None for key in self._keys)
                and _COMPACT(record) is not None
                and not (odd and _ODD_FORM(record))
            )

    def _try(self, record: msgspec.Raw) -> object:
        try:
            return self._fits(record)
        except msgspec.ValidationError:
            return None


def _newest(texts: Sequence[bytes]) -> str | None:
    """Return the newest `modified` among texts that end with a name and a date, and the clocks."""
    pairs = iter(texts)
    times = [
        text[-10:] + clock
        for text, clock in zip(pairs, pairs, strict=True)
        if text.endswith(_MODIFIED, 0, -10)
    ]
    return to_bookmark(f"{max(times).decode()}Z") if times else None


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
        field.encode_name: str if field.encode_name == MODIFIED else _times(field.type)
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

    def strict(self, node: inspect.Type, custom: CustomTypes) -> Any:
        """Return a type that takes exactly what fits a model's node."""
        node = strip(node)
        if isinstance(node, inspect.ListType):
            return _list_of(self.strict(node.item_type, custom) | None)
        if not isinstance(node, inspect.StructType):
            return _SCALARS[type(node)]
        types = {}
        for field in node.fields:
            if is_secret(field.type):
                raise NotPlainError
            name = field.encode_name
            if name == CUSTOM_FIELDS:
                kinds = custom.get(custom_object(node), {})
                if MODIFIED in kinds:
                    raise NotPlainError
                types[name] = self._struct({key: _CUSTOM[kind] for key, kind in kinds.items()})
            else:
                types[name] = self.strict(field.type, custom)
        return self._struct(types)

    def _struct(self, types: Mapping[str, Any]) -> Any:
        """Return a struct of these fields and no others, each of which may be absent or null."""
        self._times |= {name for name, kind in types.items() if kind is Time}
        self._texts |= {name for name, kind in types.items() if kind is str}
        attributes = {
            name: name if name.isidentifier() and not iskeyword(name) else f"_{place}"
            for place, name in enumerate(types)
        }
        return msgspec.defstruct(
            "Strict",
            [(attributes[name], kind | None, None) for name, kind in types.items()],
            rename={attribute: name for name, attribute in attributes.items()},
            forbid_unknown_fields=True,
            gc=False,
        )

    def pattern(self) -> re.Pattern[bytes]:
        """Return what finds the clock of each time, after its date and up to its closing quote.

        It looks back from the `T`, which is rare, to as much of the name as tells it from a text's.
        """
        ends = {_telling_end(name, self._texts) for name in self._times}
        shortest = [end for end in ends if not any(end != it and end.endswith(it) for it in ends)]
        behind = b"|".join(
            rb'(?<=%b":"....-..-..T)' % re.escape(end.encode()) for end in sorted(shortest)
        )
        return re.compile(
            rb'(T(?=\d\d:)(?:%b)\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*"' % (behind or b"(?!)")
        )


def _telling_end(name: str, others: Collection[str]) -> str:
    """Return the shortest end of a name that no other name has."""
    if not name.isascii() or name in others:
        raise NotPlainError
    ends = (name[-length:] for length in range(1, len(name) + 1))
    telling = (end for end in ends if not any(other.endswith(end) for other in others))
    return next(telling, f'"{name}')
