"""Edits rows that cannot be copied whole.

New fields with a plain value are cut out of the bytes of a row. Otherwise, the objects that need it
are opened.

It learns which fields have no column, and which values do not fit, so that the next row with these
is edited at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tap_younium.api.sanitize import MAX_DEPTH, nesting_depth
from tap_younium.records.conformance import NOTHING
from tap_younium.records.cutting import FieldCutter
from tap_younium.records.decoding import decode
from tap_younium.records.fields import attributes, is_field_name, list_of, struct
from tap_younium.records.writer import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_younium.records.fields import Field, Path
    from tap_younium.records.misfits import Misfits

HOLE = b"\x01"
"""Stands for a value that was conformed. No JSON that msgspec accepts contains it."""


class _Hole:
    """A value that is conformed, in an opened row."""


_HOLE = _Hole()
_encode_opened = msgspec.json.Encoder(enc_hook=lambda _: Raw(HOLE)).encode
_MAX_LESSONS = 20
_MAX_LEARNED = 500
"""What is learned at most: names that differ in each row are no fields."""
_MAX_UNCHECKED = 4000
"""JSON of this length has no integer with too many digits."""

_NULL = Raw(b"null")
_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_items = msgspec.json.Decoder(list[Raw]).decode

Values: TypeAlias = list[bytes]
_Split: TypeAlias = Callable[[Any, Values, list[str]], Any]
"""Returns what goes to `_extra` of a decoded value; `NOTHING` if nothing does.

It adds what was conformed to a list, and the paths of unknown fields to another one, empty for a
deselected field.
"""


class EditedRow(NamedTuple):
    """An edited row.

    Attributes:
        row: The row as JSON, with `HOLE` in the place of each value in `values`.
        values: What was conformed, as JSON.
        extra: What goes to `_extra`, as JSON; None if nothing does.
    """

    row: bytes
    values: Values
    extra: msgspec.Raw | None

    @property
    def is_changed(self) -> bool:
        """Whether it could not have been copied."""
        return bool(self.values) or self.extra is not None


class RowEditor:
    """Edits the rows of one stream.

    Args:
        row: The fields of a row.
        keys: The fields that no row may lack.
        dropped: The paths of the fields that rows must not have.
        is_selected: Returns whether an unknown field at a path goes to `_extra`.
        change_paths: The paths of the fields that show when a row changed.
        misfits: Counts what goes to `_extra`.

    Attributes:
        hides_changes: Whether an edited row may lack a time of a change.
    """

    def __init__(
        self,
        row: Field,
        keys: Sequence[str],
        dropped: set[Path],
        is_selected: Callable[[Path], bool],
        change_paths: Sequence[Path],
        misfits: Misfits,
    ) -> None:
        self._row = row
        self._keys = keys
        self._dropped = dropped
        self._is_selected = is_selected
        self._change_paths = change_paths
        self._misfits = misfits
        self._conformed: set[Path] = set()
        self._unknown: set[Path] = set()
        self._lessons = 0
        self._build()

    def edit(self, rows: Sequence[bytes]) -> Iterator[EditedRow | None]:
        """Yield each row edited; None if it needs the slow path.

        Args:
            rows: The rows, as compact JSON.
        """
        for row, checked in zip(rows, self._checked(rows), strict=True):
            yield None if checked is None else self._edited(row, checked)

    def _checked(self, rows: Sequence[bytes]) -> Sequence[Any]:
        """Return the rows as the strict type decodes them; None for one that cannot be edited."""
        try:
            checked: Sequence[Any] = self._check_all(b"\n".join(rows))
        except (msgspec.DecodeError, RecursionError):
            checked = [*map(self._try, rows)]
            odd = [row for row, it in zip(rows, checked, strict=True) if it is None]
            if any([self._learn(row) for row in odd]):  # noqa: C419 - learns from all of them
                checked = [*map(self._try, rows)]
        return checked

    def _try(self, row: bytes) -> Any:
        try:
            return self._check(row)
        except (msgspec.DecodeError, RecursionError):
            return None

    def _edited(self, row: bytes, checked: Any) -> EditedRow | None:
        if any(getattr(checked, key) in (None, _NULL) for key in self._key_attributes):
            return None
        values: Values = []
        unknown: list[str] = []
        try:
            found = self._split(checked, values, unknown)
            cut: bytes | None = row
            if unknown:
                self._misfits.add_without_column([path for path in unknown if path])
                cut = self._cutter.cut(row, len(unknown))
            row = self._blank(row) if cut is None else self._blank_cut(cut)
            extra = b"" if found is NOTHING else encode(found)
            if len(extra) > _MAX_UNCHECKED or nesting_depth(extra) > MAX_DEPTH:
                decode(extra)
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return None
        return EditedRow(row, values, Raw(extra) if extra else None)

    # Learning

    def _learn(self, row: bytes) -> bool:
        """Learn what does not fit in a row; return whether there was anything to learn."""
        if self._lessons == _MAX_LESSONS or self._try(row):
            return False
        unknown: set[Path] = set()
        conformed: set[Path] = set()
        try:
            self._find(self._row, Raw(row), (), unknown, conformed)
        except (msgspec.DecodeError, RecursionError):
            return False
        if not 0 < len(unknown | conformed) < _MAX_LEARNED - len(self._work):
            return False
        self._lessons += 1
        self._unknown |= unknown
        self._conformed |= conformed
        self._build()
        return True

    def _find(
        self, field: Field, value: Raw, path: Path, unknown: set[Path], conformed: set[Path]
    ) -> None:
        """Find what does not fit in an object or an array, as deep inside as possible.

        Raises:
            DecodeError: If it is neither.
        """
        if field.is_scalar:
            raise msgspec.DecodeError
        if field.item:
            for item in _decode_items(value):
                if not field.item.fits(item):
                    self._find(field.item, item, path, unknown, conformed)
            return
        for name, inner in _decode_fields(value).items():
            known, here = (field.fields or {}).get(name), (*path, name)
            if known is None:
                if is_field_name(name) and here not in self._work:
                    unknown.add(here)
            elif here not in self._work and not known.fits(inner):
                try:
                    self._find(known, inner, here, unknown, conformed)
                except (msgspec.DecodeError, RecursionError):
                    conformed.add(here)

    # Decoders

    def _build(self) -> None:
        """Make the decoders for what is known by now."""
        self._work = self._dropped | self._conformed | self._unknown
        self.hides_changes = any(
            path[: len(it)] == it for it in self._work for path in self._change_paths
        )
        strict, split = self._strict(self._row, ())
        self._split = split or (lambda *_: NOTHING)
        self._check = msgspec.json.Decoder(strict).decode
        self._check_all = msgspec.json.Decoder(strict).decode_lines
        self._key_attributes = [it for name, it in attributes(strict).items() if name in self._keys]
        self._cutter = FieldCutter({path[-1] for path in self._unknown}, self._row.names())
        self._blank = self._blanker(self._work)
        self._blank_cut = self._blanker(self._dropped | self._conformed)

    def _strict(self, field: Field, path: Path) -> tuple[Any, _Split | None]:
        """Return the strict type of a field, in which all that is edited is unchecked.

        With it comes what splits a value of this type, if anything in it is edited.
        """
        if path in self._dropped:
            return Raw, None
        if path in self._conformed:
            return Raw, self._conform(field, path)
        if path and not _leads_to(self._work, path):
            return field.strict and field.strict | None, None
        if field.item:
            items, split = self._strict(field.item, path)
            return list_of(items) | None, split and _split_items(split)
        known = (field.fields or {}).items()
        inner = {name: self._strict(it, (*path, name)) for name, it in known}
        types = {name: kind for name, (kind, _) in inner.items() if kind}
        unknown = [it for it in sorted(self._unknown) if it[:-1] == path]
        kind = struct(types | {it[-1]: Raw for it in unknown})
        attribute = attributes(kind)
        split = _split_object(
            [(attribute[name], name, split) for name, (_, split) in inner.items() if split],
            [
                (attribute[it[-1]], it[-1], ".".join(it) if self._is_selected(it) else "")
                for it in unknown
            ],
        )
        return kind | None if path else kind, split

    def _conform(self, field: Field, path: Path) -> _Split:
        above, name = ".".join(path[:-1]), path[-1]
        is_key = len(path) == 1 and name in self._keys

        def conform(value: Raw, values: Values, _: list[str]) -> Any:
            fit, extra = field.conform(decode(value))
            if is_key and fit is None:
                raise ValueError  # the slow path reports it
            values.append(encode(fit))
            if extra is not NOTHING:
                self._misfits.count({name: fit}, {name: extra}, above)
            return extra

        return conform

    def _blanker(self, work: set[Path]) -> Callable[[bytes], bytes]:
        """Return what opens a row at these paths and encodes it again.

        Unknown and dropped fields are then gone, and `HOLE` is in the place of conformed values.
        """
        if not work:
            return bytes
        open_row = msgspec.json.Decoder(
            self._opened(self._row, (), work), dec_hook=lambda *_: _HOLE
        ).decode
        return lambda row: _encode_opened(open_row(row))

    def _opened(self, field: Field, path: Path, work: set[Path]) -> Any:
        """Return a type that decodes an object or an array field by field."""
        if path in self._conformed:
            return _Hole
        if not _leads_to(work, path):
            return Raw | UnsetType
        if field.item:
            return list_of(self._opened(field.item, path, work)) | UnsetType | None
        types = {
            name: self._opened(inner, (*path, name), work)
            for name, inner in (field.fields or {}).items()
            if (*path, name) not in self._dropped
        }
        kind = struct(types, UNSET, exact=False)
        return kind | UnsetType | None if path else kind


def _leads_to(paths: set[Path], path: Path) -> bool:
    return any(it[: len(path)] == path for it in paths)


def _split_object(
    steps: Sequence[tuple[str, str, _Split]], unknown: Sequence[tuple[str, str, str]]
) -> _Split | None:
    if not steps and not unknown:
        return None

    def split(fields: Any, values: Values, paths: list[str]) -> Any:
        extra = {}
        for attribute, name, split_inner in steps:
            value = getattr(fields, attribute)
            if value:  # not absent, null or an empty array
                found = split_inner(value, values, paths)
                if found is not NOTHING:
                    extra[name] = found
        for attribute, name, path in unknown:
            value = getattr(fields, attribute)
            if value is not None:
                if path:
                    extra[name] = value
                paths.append(path)
        return extra or NOTHING

    return split


def _split_items(split: _Split) -> _Split:
    def split_items(items: list[Any], values: Values, paths: list[str]) -> Any:
        extra = {}
        for position, item in enumerate(items):
            if item:
                found = split(item, values, paths)
                if found is not NOTHING:
                    extra[str(position)] = found
        return extra or NOTHING

    return split_items
