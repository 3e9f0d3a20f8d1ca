"""Edits rows that cannot be copied whole: only the objects that need it are opened.

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

    from tap_younium.records.columns import Row
    from tap_younium.records.fields import Field, Path
    from tap_younium.records.misfits import Misfits

HOLE = b"\x01"
"""Stands for a value that was conformed. No JSON that msgspec accepts contains it."""
_MAX_LESSONS = 20
_MAX_LEARNED = 500
"""What is learned at most: names that differ in each row are no fields."""
_MAX_UNCHECKED = 4000
"""JSON of this length has no integer with too many digits."""

_NULL = Raw(b"null")
_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_items = msgspec.json.Decoder(list[Raw]).decode

Values: TypeAlias = list[bytes]
_Collect: TypeAlias = "Callable[[Any], Row]"
"""Returns the unknown fields in a decoded object or array, in the shape of `_extra`."""
_Edit: TypeAlias = Callable[[Any, Values], Any]
"""Edits an opened object or array, adds what was conformed, and returns what goes to `_extra`."""
_Step: TypeAlias = Callable[[Any, str, Any, Values], Any]
"""The same for one field: the object, its attribute, the value in it."""


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
        change_paths: Sequence[Path],
        misfits: Misfits,
    ) -> None:
        self._row = row
        self._keys = keys
        self._dropped = dropped
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
        values = Values()
        try:
            unknown = self._collect(checked)
            if not self._unknown_names <= self._misfits.without_column:
                self._count_unknown(self._row, unknown, ())
            extra = encode(unknown)
            cut = self._cutter.cut(row, extra) if unknown else row
            row, misfit = self._edit_all(row, values) if cut is None else self._edit(cut, values)
            if misfit is not NOTHING:
                extra = encode(_merge(unknown, misfit))
            if len(extra) > _MAX_UNCHECKED or nesting_depth(extra) > MAX_DEPTH:
                decode(extra)
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return None
        return EditedRow(row, values, None if extra == b"{}" else Raw(extra))

    def _count_unknown(self, field: Field, unknown: Row, path: Path) -> None:
        """Count the unknown fields in an object or an array, in the shape of `_extra`."""
        for name, value in unknown.items():
            here = path if field.item else (*path, name)
            inner = field.item or (field.fields or {}).get(name)
            if inner:
                self._count_unknown(inner, value, here)
            else:
                self._misfits.add_without_column(".".join(here))

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
        strict, self._collect = self._strict(self._row, ())
        self._check = msgspec.json.Decoder(strict).decode
        self._check_all = msgspec.json.Decoder(strict).decode_lines
        self._key_attributes = [it for name, it in attributes(strict).items() if name in self._keys]
        edited = self._dropped | self._conformed
        self._edit, self._edit_all = self._editor(edited), self._editor(self._work)
        self._unknown_names = {".".join(path) for path in self._unknown}
        self._cutter = FieldCutter({path[-1] for path in self._unknown}, self._row.names())

    def _strict(self, field: Field, path: Path) -> tuple[Any, _Collect]:
        """Return the strict type of a field, in which all that is edited is unchecked."""
        if path in self._dropped or path in self._conformed:
            return Raw, _collect_nothing
        if path and not _leads_to(self._work, path):
            return field.strict and field.strict | None, _collect_nothing
        if field.item:
            items, collect = self._strict(field.item, path)
            return list_of(items) | None, _collect_from_items(collect)
        inner = {name: self._strict(it, (*path, name)) for name, it in (field.fields or {}).items()}
        types = {name: kind for name, (kind, _) in inner.items() if kind}
        unknown = [it[-1] for it in self._unknown if it[:-1] == path]
        kind = struct(types | dict.fromkeys(unknown, Raw))
        attribute = attributes(kind)
        collect = _collect_from_object(
            [(attribute[name], name) for name in unknown],
            [
                (attribute[name], name, collect)
                for name, (_, collect) in inner.items()
                if collect is not _collect_nothing
            ],
        )
        return kind | None if path else kind, collect

    def _editor(self, work: set[Path]) -> Callable[[bytes, Values], tuple[bytes, Any]]:
        """Return what edits a row at these paths."""
        if not work:
            return lambda row, _: (row, NOTHING)
        opened, edit_opened = self._open(self._row, (), work)
        decode_row = msgspec.json.Decoder(opened).decode

        def edit(row: bytes, values: Values) -> tuple[bytes, Any]:
            fields = decode_row(row)
            misfit = edit_opened(fields, values)
            return encode(fields), misfit

        return edit

    def _open(self, field: Field, path: Path, work: set[Path]) -> tuple[Any, _Edit]:
        """Return a type that decodes an object field by field, and what edits it.

        It ignores unknown fields.
        """
        if field.item:
            items, edit_item = self._open(field.item, path, work)
            return list_of(items | None), _edit_items(edit_item)
        types: dict[str, Any] = {}
        steps: dict[str, _Step] = {}
        for name, inner in (field.fields or {}).items():
            here = (*path, name)
            if here in self._dropped:
                continue
            types[name] = Raw | UnsetType
            if here in self._conformed:
                steps[name] = self._conform(inner, here)
            elif _leads_to(work, here):
                opened, edit = self._open(inner, here, work)
                types[name] = opened | UnsetType | None
                if _leads_to(self._conformed, here):
                    steps[name] = _edit_below(edit)
        opened = struct(types, UNSET, exact=False)
        attribute = attributes(opened)
        return opened, _edit_object([(attribute[name], name, steps[name]) for name in steps])

    # Steps

    def _conform(self, field: Field, path: Path) -> _Step:
        above, name = ".".join(path[:-1]), path[-1]
        is_key, hole = len(path) == 1 and name in self._keys, Raw(HOLE)

        def conform(owner: Any, attribute: str, value: Raw, values: Values) -> Any:
            fit, extra = field.conform(decode(value))
            if is_key and fit is None:
                raise ValueError  # the slow path reports it
            values.append(encode(fit))
            setattr(owner, attribute, hole)
            if extra is not NOTHING:
                self._misfits.count({name: fit}, {name: extra}, above)
            return extra

        return conform


def _leads_to(paths: set[Path], path: Path) -> bool:
    return any(it[: len(path)] == path for it in paths)


def _merge(extra: Row, more: Row) -> Row:
    """Add the fields of the second object to the first one, at any level."""
    for name, value in more.items():
        extra[name] = _merge(extra[name], value) if name in extra else value
    return extra


def _collect_nothing(_: Any) -> Row:
    return {}


def _collect_from_object(
    unknown: Sequence[tuple[str, str]], below: Sequence[tuple[str, str, _Collect]]
) -> _Collect:
    if not unknown and not below:
        return _collect_nothing

    def collect(fields: Any) -> Row:
        extra = {}
        for attribute, name in unknown:
            value = getattr(fields, attribute)
            if value is not None:
                extra[name] = value
        for attribute, name, collect_inner in below:
            inner = getattr(fields, attribute)
            if inner and (found := collect_inner(inner)):
                extra[name] = found
        return extra

    return collect


def _collect_from_items(collect: _Collect) -> _Collect:
    if collect is _collect_nothing:
        return collect

    def collect_from_items(items: list[Any]) -> Row:
        return {
            str(position): found
            for position, item in enumerate(items)
            if item and (found := collect(item))
        }

    return collect_from_items


def _edit_object(steps: Sequence[tuple[str, str, _Step]]) -> _Edit:
    def edit(opened: Any, values: Values) -> Any:
        extra: Any = NOTHING
        for attribute, name, step in steps:
            value = getattr(opened, attribute)
            if value is not UNSET and value is not None:
                found = step(opened, attribute, value, values)
                if found is not NOTHING:
                    extra = {} if extra is NOTHING else extra
                    extra[name] = found
        return extra

    return edit


def _edit_items(edit_item: _Edit) -> _Edit:
    def edit(items: list[Any], values: Values) -> Any:
        extra: Any = NOTHING
        for position, item in enumerate(items):
            found = NOTHING if item is None else edit_item(item, values)
            if found is not NOTHING:
                extra = {} if extra is NOTHING else extra
                extra[str(position)] = found
        return extra

    return edit


def _edit_below(edit: _Edit) -> _Step:
    def edit_below(_: Any, __: str, value: Any, values: Values) -> Any:
        return edit(value, values)

    return edit_below
