"""Converts the records of a page to the rows of one stream."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

import msgspec

from tap_younium.records.columns import (
    EXTRA,
    LAST_MODIFIED,
    LEGAL_ENTITY,
    PARENT_ID,
    POSITION,
    READ_AT,
    ROOT_ID,
    nested_objects,
)
from tap_younium.records.conformance import NOTHING, conformer
from tap_younium.records.decoding import decode
from tap_younium.records.fast_path import FastPath, FastPathUnavailableError
from tap_younium.records.json_schema import json_schema
from tap_younium.records.misfits import Misfits
from tap_younium.timestamps import own_change, to_sortable, to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from tap_younium.api.page import Page
    from tap_younium.records.columns import Row
    from tap_younium.records.conformance import Conform
    from tap_younium.records.definition import RowDefinition


class RecordConverter:
    """Converts the records of one collection to the rows of one stream.

    Args:
        stream: The stream's name, for messages.
        primary_keys: The columns that every row must have.
        make_conform: Returns the function that splits a value into what fits and what does not.
        columns: The JSON Schema of each column.
        definition: The definition of the rows, if a model defines them.
    """

    def __init__(
        self,
        stream: str,
        *,
        primary_keys: Sequence[str],
        make_conform: Callable[[], Conform],
        columns: dict[str, Any],
        definition: RowDefinition | None = None,
    ) -> None:
        self.stream = stream
        self.primary_keys = primary_keys
        self._make_conform = make_conform
        self._columns = columns
        self._array_path = definition.array_path if definition else ()
        self._change_paths = definition.change_paths if definition else []
        self.definition = definition
        self.mask: Mapping[tuple[str, ...], bool] | None = None
        """Which columns are selected; None if all are."""
        self.on_left_out: Callable[[str, str, str | None], object] = lambda *_: None
        """Called for each row that is left out: its kind, the cause, and its last change."""
        self.misfits = Misfits(stream)

    @classmethod
    def of_definition(cls, definition: RowDefinition) -> Self:
        """Return the converter for rows that a model defines."""
        return cls(
            definition.stream,
            primary_keys=definition.primary_keys,
            make_conform=partial(conformer, definition.row_type, definition.primary_keys),
            columns=json_schema(definition.row_type)["properties"],
            definition=definition,
        )

    @cached_property
    def _conform(self) -> Conform:
        """Made for the first row: most runs do not read all streams."""
        return self._make_conform()

    def fast_path(self, mask: Mapping[tuple[str, ...], bool], *, dated: bool) -> FastPath | None:
        """Return the fast path, if these rows can take it.

        Args:
            mask: Which columns are selected.
            dated: Whether rows get `_last_modified` from the times in their record.
        """
        if self.definition is None:
            return None
        try:
            return FastPath(self.definition, dated=dated, mask=mask, misfits=self.misfits)
        except FastPathUnavailableError:
            return None

    def schema(
        self, *, by_legal_entity: bool, dated: bool, has_parent_columns: bool
    ) -> dict[str, Any]:
        """Return the stream's JSON Schema.

        Args:
            by_legal_entity: Whether the legal entity is part of the primary key.
            dated: Whether rows have `_last_modified`.
            has_parent_columns: Whether rows have `_root_id`, `_parent_id` and `_position`.
        """
        columns = dict(self._columns)
        if has_parent_columns:
            columns[ROOT_ID] = columns[PARENT_ID] = {"type": ["string", "null"]}
            columns[POSITION] = {"type": ["string", "null"]}
        if dated:
            columns[LAST_MODIFIED] = {"type": ["string", "null"], "format": "date-time"}
        columns[READ_AT] = {"type": ["string", "null"], "format": "date-time"}
        columns[LEGAL_ENTITY] = {"type": ["string", "null"]}
        columns[EXTRA] = {"type": ["object", "null"]}
        for key in (*self.primary_keys, *([LEGAL_ENTITY] if by_legal_entity else [])):
            columns[key] = columns[key] | {"type": columns[key]["type"][0]}
        return {"type": "object", "properties": columns}

    def rows(
        self, page: Page, tap_columns: Row, *, dated: bool
    ) -> Generator[Row, None, str | None]:
        """Yield the rows of a page, and return the newest change of its records.

        Args:
            page: The page.
            tap_columns: The tap's own columns that are the same in every row.
            dated: Whether rows get `_last_modified` from the times in their record.
        """
        newest = None
        for record, changed in self.records(page):
            if dated:
                tap_columns[LAST_MODIFIED] = changed
            if changed and (newest is None or changed > newest):
                newest = changed
            since = own_change(record)
            for value, parent_columns in nested_objects(record, self._array_path):
                yield from self.row(value, parent_columns | tap_columns, page, since)
        return newest

    def row(self, value: Row, tap_columns: Row, page: Page, since: str | None) -> Iterator[Row]:
        """Yield one row, or nothing if it lacks its primary key.

        Args:
            value: The object that Younium sent.
            tap_columns: The tap's own columns.
            page: The page that it comes from.
            since: The `own_change` of its record.
        """
        fit, extra = self._conform(value)
        if extra is not NOTHING and self.mask:
            extra = _select(extra, self.mask)
        row = {**fit, **tap_columns, EXTRA: None if extra is NOTHING else extra}
        for key in self.primary_keys:
            if row.get(key) is None:
                cause = (
                    f"A record on page {page.number} has no {key!r}; its fields are "
                    f"{', '.join(list(value)[:8]) or '(none)'}. Report it to Younium."
                )
                self.on_left_out("row without primary key", cause, since)
                return
        if extra is not NOTHING:
            self.misfits.count(fit, extra)
        yield row

    def records(self, page: Page) -> Iterator[tuple[Row, str | None]]:
        """Yield the records of a page, with the newest change anywhere in each, as sortable text.

        A record that cannot be decoded, or is not an object, is left out.
        """
        for raw in page.records:
            try:
                record = decode(raw)
            except (ValueError, msgspec.MsgspecError, RecursionError) as error:
                problem = f"cannot be read ({error})"
            else:
                if isinstance(record, dict):
                    texts = (text for path in self._change_paths for text in _texts(record, path))
                    times = filter(None, map(to_utc, texts))
                    yield record, max(map(to_sortable, times), default=None)
                    continue
                problem = f"is a {type(record).__name__}, not an object"
            cause = f"A record on page {page.number} {problem}. Report it to Younium."
            self.on_left_out("record that cannot be read", cause, None)


def _select(extra: Row, mask: Mapping[tuple[str, ...], bool], above: tuple[str, ...] = ()) -> Any:
    """Return the selected part of what does not fit; `NOTHING` if nothing is selected."""
    selected = {}
    for name, value in extra.items():
        breadcrumb = (*above, "properties", name)
        if mask[breadcrumb]:
            is_object = isinstance(value, dict) and value
            part = _select(value, mask, breadcrumb) if is_object else value
            if part is not NOTHING:
                selected[name] = part
    return selected or NOTHING


def _texts(value: Any, path: Sequence[str]) -> Iterator[str]:
    """Yield the texts at the end of a path in a record, through its arrays."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _texts(value[path[0]], path[1:])
