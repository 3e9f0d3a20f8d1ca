"""A page's records ─▶ the rows of one table, with the tap's own columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Self

import msgspec
from msgspec import inspect

from tap_younium.conform import NOTHING, conformer, decode
from tap_younium.leftovers import Leftovers
from tap_younium.models.schema import CustomTypes, fitted, json_schema, strip, typed
from tap_younium.splice import Splice
from tap_younium.times import CHANGES, to_bookmark, to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from tap_younium.conform import Conform
    from tap_younium.listing import Page
    from tap_younium.models.base import Model

Row = dict[str, Any]

ENTITY = "_legal_entity"
CHANGED = "_last_modified"
READ = "_read_at"
EXTRA = "_extra"
ROOT, PARENT, POSITION = "_root_id", "_parent_id", "_position"


@dataclass(frozen=True)
class Shape:
    """What the rows of a table look like that a model describes.

    Attributes:
        table: The table's name.
        root: A record of the collection.
        arrays: The arrays that lead from a record to the rows of a nested table.
        node: A row, there.
        keys: The columns that no row can be without.
    """

    table: str
    root: inspect.Type
    arrays: Sequence[str]
    node: inspect.Type
    keys: Sequence[str]


class Rows:
    """How the records of one collection become the rows of one table.

    Args:
        table: The table's name, for errors.
        keys: The columns that no row can be without.
        conform: Makes what says which part of a row fits its columns, and which does not.
        columns: The JSON Schema of the columns.
        arrays: The arrays that lead from a record to the rows of a nested table.
        modified: The fields that lead to a record's times of change.
    """

    def __init__(
        self,
        table: str,
        *,
        keys: Sequence[str],
        conform: Callable[[], Conform],
        columns: dict[str, Any],
        arrays: Sequence[str] = (),
        modified: Sequence[Sequence[str]] = (),
    ) -> None:
        self.table = table
        self.keys = keys
        self.arrays = arrays
        self._make_conform = conform
        self._columns = columns
        self._modified = modified
        self.splice: Callable[..., Splice] | None = None
        """Makes the quick way, where the table has one."""
        self.mask: Mapping[tuple[str, ...], bool] | None = None
        """Which columns are selected; None where all are."""
        self.left_out: Callable[[str, str, str | None], object] = lambda *_: None
        """Called for each row that is left out: with its kind, the cause, and its last change."""
        self.leftovers = Leftovers(table)

    @classmethod
    def of_model(
        cls,
        table: str,
        model: type[Model],
        *,
        keys: Sequence[str],
        arrays: Sequence[str] = (),
        custom: Callable[[], CustomTypes] = dict,
        schema: dict[str, Any] | None = None,
    ) -> Self:
        """Return how records that a model describes become rows.

        Args:
            table: The table's name.
            model: What a record of the collection looks like.
            keys: The columns that no row can be without.
            arrays: The arrays that lead from a record to the rows of a nested table.
            custom: Gives the types of the tenant's custom fields.
            schema: The table's schema in a catalog that was given: rows have its columns alone.
        """
        root, node = type_info(model), node_at(model, arrays)
        if schema is None:
            node = typed(node, custom())
        else:  # no row can be without its keys, also where the catalog lacks them
            given = {key: {} for key in keys} | schema.get("properties", {})
            node = fitted(node, {"type": "object", "properties": given})
        rows = cls(
            table,
            keys=keys,
            conform=partial(conformer, node, keys),
            columns=json_schema(node)["properties"],
            arrays=arrays,
            modified=[path for name in CHANGES for path in _paths_to(name, root)],
        )
        rows.splice = partial(Splice, Shape(table, root, arrays, node, keys))
        return rows

    @cached_property
    def _conform(self) -> Conform:
        """Made when the first row comes: most runs do not read all tables."""
        return self._make_conform()

    def schema(self, *, entity: bool, dated: bool, placed: bool) -> dict[str, Any]:
        """Return the table's JSON Schema.

        Args:
            entity: Whether rows are told apart by their legal entity.
            dated: Whether rows show when they changed.
            placed: Whether rows show their place in another record.
        """
        columns = dict(self._columns)
        if placed:
            columns[ROOT] = columns[PARENT] = {"type": ["string", "null"]}
            columns[POSITION] = {"type": ["string", "null"]}
        if dated:
            columns[CHANGED] = {"type": ["string", "null"], "format": "date-time"}
        columns[READ] = {"type": ["string", "null"], "format": "date-time"}
        columns[ENTITY] = {"type": ["string", "null"]}
        columns[EXTRA] = {"type": ["object", "null"]}
        for key in (*self.keys, *([ENTITY] if entity else [])):
            columns[key] = columns[key] | {"type": columns[key]["type"][0]}
        return {"type": "object", "properties": columns}

    def read(self, page: Page, own: Row, *, dated: bool) -> Generator[Row, None, str | None]:
        """Yield the rows of a page, and return the newest `_last_modified` of its records.

        Args:
            page: The page.
            own: The tap's own columns that are the same in every row.
            dated: Whether rows get `_last_modified` from their record's times.
        """
        newest = None
        for record, changed in self.records(page):
            if dated:
                own[CHANGED] = changed
            if changed and (newest is None or changed > newest):
                newest = changed
            for element, place in elements(record, self.arrays):
                yield from self.row(element, place | own, page, changed)
        return newest

    def row(self, value: Row, own: Row, page: Page, changed: str | None) -> Iterator[Row]:
        """Yield one row, unless it lacks its key.

        Args:
            value: What Younium sent.
            own: The tap's own columns.
            page: The page that it comes from.
            changed: When its record changed.
        """
        row, extra = self._conform(value)
        if extra is not NOTHING and self.mask:
            extra = _selected(extra, self.mask)
        whole = {**row, **own, EXTRA: None if extra is NOTHING else extra}
        for key in self.keys:
            if whole.get(key) is None:
                cause = (
                    f"A record of page {page.number} has no {key!r}, but the fields "
                    f"{', '.join(list(value)[:8]) or '(none)'}. Report it to Younium."
                )
                self.left_out("row without primary key", cause, changed)
                return
        if extra is not NOTHING:
            self.leftovers.note(row, extra)
        yield whole

    def records(self, page: Page) -> Iterator[tuple[Row, str | None]]:
        """Yield a page's records, and the newest change anywhere in each.

        The latter has a form that sorts as text does.
        """
        for raw in page.records:
            try:
                record = decode(raw)
            except (ValueError, msgspec.MsgspecError, RecursionError) as error:
                why = f"can't be read ({error})"
            else:
                if isinstance(record, dict):
                    paths = self._modified
                    times = (to_utc(time) for path in paths for time in _find(record, path))
                    yield record, max((to_bookmark(time) for time in times if time), default=None)
                    continue
                why = f"is a {type(record).__name__}, not an object"
            cause = f"A record of page {page.number} {why}. Report it to Younium."
            self.left_out("record that can't be read", cause, None)


def _selected(extra: Row, mask: Mapping[tuple[str, ...], bool], above: tuple[str, ...] = ()) -> Any:
    """Return what is selected of that which does not fit; `NOTHING` if nothing is."""
    kept = {}
    for name, value in extra.items():
        breadcrumb = (*above, "properties", name)
        if mask[breadcrumb]:
            inner = isinstance(value, dict) and value
            fit = _selected(value, mask, breadcrumb) if inner else value
            if fit is not NOTHING:
                kept[name] = fit
    return kept or NOTHING


@cache
def type_info(model: type[Model]) -> inspect.Type:
    """Return a model's fields and their types; several tables look at one model."""
    return inspect.type_info(model)


def node_at(model: type[Model], arrays: Sequence[str]) -> inspect.Type:
    """Return what a record looks like, or the items of the array that others lead to in it."""
    node = strip(type_info(model))
    for name in arrays:
        fields = {field.encode_name: field.type for field in node.fields}  # type: ignore[attr-defined]
        node = strip(strip(fields[name]).item_type)  # type: ignore[attr-defined]
    return node


def elements(
    value: Row, arrays: Sequence[str], columns: Row | None = None
) -> Iterator[tuple[Row, Row]]:
    """Yield the objects at the end of a way through arrays, and the columns that place each.

    Args:
        value: A record, or an object in one.
        arrays: The names of the arrays. Without any, the record itself is the object.
        columns: What places the object itself; None for a record.
    """
    if not arrays:
        yield value, columns or {}
        return
    items = value.get(arrays[0])
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):  # the collection's own row keeps what is none in `_extra`
            own = value.get("id")
            above = columns or {ROOT: own, POSITION: ""}
            place = f"{above[POSITION]}.{number}".lstrip(".")
            here = {ROOT: above[ROOT], PARENT: own, POSITION: place}
            yield from elements(item, arrays[1:], here)


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
    """Yield the texts that a record holds at the end of a path, through its arrays."""
    if isinstance(value, list):
        for item in value:
            yield from _find(item, path)
    elif not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _find(value[path[0]], path[1:])
