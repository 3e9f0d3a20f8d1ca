"""Edits rows that cannot be copied whole: only the objects that need it are opened.

It learns which fields have no column, and which values do not fit, so that the next row with these
is edited at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tap_younium.api.sanitize import MAX_DEPTH
from tap_younium.records.conformance import NOTHING
from tap_younium.records.decoding import decode
from tap_younium.records.fields import is_field_name, list_of, struct
from tap_younium.records.writer import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_younium.records.fields import Field, Path
    from tap_younium.records.misfits import Misfits

HOLE = b"\x01"
"""Stands for a value that was conformed. No JSON that msgspec accepts contains it."""
_MAX_LESSONS = 20
_MAX_LEARNED = 500
"""What is learned at most: names that differ in each row are no fields."""
_MAX_UNCHECKED = MAX_DEPTH
"""JSON of this length is not nested too deeply, and has no integer with too many digits."""

_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_items = msgspec.json.Decoder(list[Raw]).decode

Values: TypeAlias = list[bytes]
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
        try:
            self._check_all(b"\n".join(rows))
        except (msgspec.DecodeError, RecursionError):
            fit = [self._fits(row) or self._learn(row) for row in rows]
        else:
            fit = [True] * len(rows)
        for row, fits in zip(rows, fit, strict=True):
            yield self._edited(row) if fits else None

    def _edited(self, row: bytes) -> EditedRow | None:
        opened, values = self._decode(row), Values()
        if any(getattr(opened, key, UNSET) in (UNSET, _NULL) for key in self._key_attributes):
            return None
        try:
            misfit = self._edit(opened, values)
            extra = None if misfit is NOTHING else Raw(encode(misfit))
            if extra and len(bytes(extra)) > _MAX_UNCHECKED:
                decode(extra)
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return None
        return EditedRow(encode(opened), values, extra)

    def _fits(self, row: bytes) -> bool:
        try:
            self._check(row)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    # Learning

    def _learn(self, row: bytes) -> bool:
        """Learn what does not fit in a row; return whether it can be edited now."""
        if self._lessons == _MAX_LESSONS:
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
        return self._fits(row)

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
        strict = self._strict(self._row, ())
        self._check = msgspec.json.Decoder(strict).decode
        self._check_all = msgspec.json.Decoder(strict).decode_lines
        opened, self._edit = self._open(self._row, ())
        self._decode = msgspec.json.Decoder(opened).decode
        names = zip(opened.__struct_encode_fields__, opened.__struct_fields__, strict=True)
        self._key_attributes = [attribute for name, attribute in names if name in self._keys]

    def _strict(self, field: Field, path: Path) -> Any:
        """Return the strict type of a field, in which all that is edited is unchecked."""
        if path in self._dropped or path in self._conformed:
            return Raw
        if not self._has_work(path):
            return field.strict and field.strict | None
        if field.item:
            return list_of(self._strict(field.item, path)) | None
        known = (field.fields or {}).items()
        types = {name: self._strict(inner, (*path, name)) for name, inner in known}
        types |= dict.fromkeys(self._unknown_in(path), Raw)
        inner = struct({name: kind for name, kind in types.items() if kind})
        return inner | None if path else inner

    def _open(self, field: Field, path: Path) -> tuple[Any, _Edit]:
        """Return a type that decodes an object field by field, and what edits it."""
        if field.item:
            items, edit_item = self._open(field.item, path)
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
            elif self._has_work(here):
                opened, edit = self._open(inner, here)
                types[name] = opened | UnsetType | None
                steps[name] = _edit_below(edit)
        unknown = self._unknown_in(path)
        types |= dict.fromkeys(unknown, Raw | UnsetType)
        attributes = {name: f"_{place}" for place, name in enumerate(types)}
        edit_object = self._edit_object(
            [(attributes[name], name, step) for name, step in steps.items()],
            [(attributes[name], name, ".".join((*path, name))) for name in unknown],
        )
        return struct(types, UNSET, exact=False), edit_object

    def _unknown_in(self, path: Path) -> list[str]:
        return sorted(it[-1] for it in self._unknown if it[:-1] == path)

    def _has_work(self, path: Path) -> bool:
        return not path or any(it[: len(path)] == path for it in self._work)

    # Steps

    def _edit_object(
        self, steps: Sequence[tuple[str, str, _Step]], unknown: Sequence[tuple[str, str, str]]
    ) -> _Edit:
        misfits = self._misfits

        def edit(opened: Any, values: Values) -> Any:
            extra: Any = NOTHING
            for attribute, name, step in steps:
                value = getattr(opened, attribute)
                if value is not UNSET and value is not None:
                    found = step(opened, attribute, value, values)
                    if found is not NOTHING:
                        extra = {} if extra is NOTHING else extra
                        extra[name] = found
            for attribute, name, path in unknown:
                value = getattr(opened, attribute)
                if value is not UNSET:
                    setattr(opened, attribute, UNSET)
                    misfits.add_without_column(path)
                    extra = {} if extra is NOTHING else extra
                    extra[name] = value
            return extra

        return edit

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


_NULL = Raw(b"null")


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
