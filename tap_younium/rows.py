"""A page's records ─▶ the rows of one table.

What leaves here is whole and fits the table's schema: times in UTC at every level, numbers digit
for digit, text untouched, and whatever the schema has no place for in `_extra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import msgspec
from msgspec import inspect

from tap_younium.errors import YouniumError
from tap_younium.models.schema import is_secret, json_schema, strip
from tap_younium.times import to_bookmark, to_utc

if TYPE_CHECKING:
    from tap_younium.models.base import Model

Row = dict[str, Any]
Conform = Callable[[Any], tuple[Any, Any]]
"""A value ─▶ the part that fits (null where nothing does), and the part that does not."""

NOTHING = msgspec.UNSET


class Exact(Decimal):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


_decode = msgspec.json.Decoder(float_hook=Exact).decode


class Rows:
    """How the records of one collection become the rows of one table.

    Args:
        table: The table's name, for errors.
        model: What a record of the collection looks like.
        keys: The columns of Younium's that no row can be without.
        path: The arrays that lead from the record to the row; empty for the collection itself.
        dated: Whether rows get `_last_modified` from the record's own times.
    """

    def __init__(
        self,
        table: str,
        model: type[Model],
        *,
        keys: Sequence[str] = ("id",),
        path: Sequence[str] = (),
        dated: bool = False,
    ) -> None:
        self.table = table
        self.path = path
        self.dated = dated
        self.keys = keys
        root = node = inspect.type_info(model)
        for name in path:
            node = strip(_field(node, name))
            node = strip(node.item_type)  # type: ignore[attr-defined]
        self._conform = _compile(node, keys)
        self._modified = list(_paths_to("modified", root))
        self.node = node

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of Younium's own columns."""
        schema = json_schema(self.node)
        for key in self.keys:
            schema["properties"][key]["type"] = "string"
        return schema

    def __call__(self, records: Iterable[msgspec.Raw], *, page: int, own: Row) -> Iterator[Row]:
        """Yield the rows of a page's records.

        Args:
            records: The records, as JSON.
            page: The page's number, for errors.
            own: The tap's own columns that are the same in all of them.

        Raises:
            YouniumError: If a record lacks its key.
        """
        for number, raw in enumerate(records, start=1):
            record = _decode(raw)
            if not isinstance(record, dict):
                raise YouniumError(
                    f"{self.table}: record {number} of page {page} is no object but "
                    f"{_brief(record)}. Run again; if it stays, report it with the page's number."
                )
            row, extra = self._conform(record)
            for key in self.keys:
                if row.get(key) is None:
                    raise YouniumError(
                        f"{self.table}: record {number} of page {page} has no `{key}`, its key, "
                        f"but {_brief(record)}. Run again; if it stays, report it to Younium."
                    )
            if self.dated:
                row["_last_modified"] = self.last_modified(row)
            row |= own
            row["_extra"] = None if extra is NOTHING else extra
            yield row

    def last_modified(self, record: Row) -> str | None:
        """Return the newest `modified` anywhere in a record, in a form that sorts as text."""
        times = [
            to_bookmark(time) for path in self._modified for time in _find(record, path) if time
        ]
        return max(times, default=None)


def _brief(value: object) -> str:
    """Describe a value without showing data that could be a person's."""
    if isinstance(value, dict):
        return f"the fields {', '.join(list(value)[:8]) or '(none)'}"
    return f"a {type(value).__name__}"


def _field(node: inspect.Type, name: str) -> inspect.Type:
    assert isinstance(node, inspect.StructType)  # noqa: S101 - a path of the tap's own models
    return next(field.type for field in node.fields if field.encode_name == name)


def _paths_to(name: str, node: inspect.Type) -> Iterator[tuple[str, ...]]:
    """Yield where a model shows a field of this name, as the fields that lead there."""
    node = strip(node)
    if isinstance(node, inspect.ListType):
        yield from _paths_to(name, node.item_type)
    if isinstance(node, inspect.StructType):
        for field in node.fields:
            if field.encode_name == name:
                yield (name,)
            for path in _paths_to(name, field.type):
                yield (field.encode_name, *path)


def _find(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Yield what a record holds at the end of a path, through its arrays."""
    if isinstance(value, list):
        for item in value:
            yield from _find(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _find(value[path[0]], path[1:])


def _compile(node: inspect.Type, keys: Sequence[str] = ()) -> Conform:
    """Return how a model's node takes what Younium sent."""
    node = strip(node)
    if isinstance(node, inspect.StructType):
        return _object(node, keys)
    if isinstance(node, inspect.ListType):
        return _array(_compile(node.item_type))
    return _SCALARS[type(node)]


def _object(node: inspect.StructType, keys: Sequence[str]) -> Conform:
    fields = {
        field.encode_name: _key if field.encode_name in keys else _compile(field.type)
        for field in node.fields
        if not is_secret(field.type)
    }
    secrets = {field.encode_name for field in node.fields if is_secret(field.type)}

    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not dict:
            return None, NOTHING if value is None else value
        kept, extra = {}, {}
        for name, item in value.items():
            take = fields.get(name)
            if take:
                kept[name], misfit = take(item)
                if misfit is not NOTHING:
                    extra[name] = misfit
            elif name not in secrets:
                extra[name] = item
        return kept, extra or NOTHING

    return conform


def _array(take: Conform) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not list:
            return None, NOTHING if value is None else value
        kept, extra = [], {}
        for place, item in enumerate(value):
            fit, misfit = take(item)
            kept.append(fit)  # a misfit leaves its place empty, so that places stay true
            if misfit is not NOTHING:
                extra[str(place)] = misfit
        return kept, extra or NOTHING

    return conform


def _scalar(*types: type) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value is None or value.__class__ in types:
            return value, NOTHING
        return None, value

    return conform


def _time(value: Any) -> tuple[Any, Any]:
    time = to_utc(value) if value.__class__ is str else None
    return time, NOTHING if time or value is None else value


def _uuid(value: Any) -> tuple[Any, Any]:
    try:
        msgspec.convert(value, UUID | None)
    except msgspec.ValidationError:
        return None, value
    return value, NOTHING


def _key(value: Any) -> tuple[Any, Any]:
    """Take any text as a key: a row without one would be lost."""
    return (value, NOTHING) if value.__class__ is str and value else (None, value)


_SCALARS: dict[type[inspect.Type], Conform] = {
    inspect.BoolType: _scalar(bool),
    inspect.DateTimeType: _time,
    inspect.DictType: _scalar(dict),
    inspect.FloatType: _scalar(int, Exact),
    inspect.IntType: _scalar(int),
    inspect.StrType: _scalar(str),
    inspect.UUIDType: _uuid,
}
