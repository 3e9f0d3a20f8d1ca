"""Streams whose columns differ by tenant: saved reports, data export, Insights.

Discovery takes columns and types from the first page. A run with a catalog uses the catalog's; what
does not fit later is kept in `_extra`. A page cannot show what is unique, so these streams have no
primary key unless a setting names one, and no row is dropped as a duplicate.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from singer_sdk.singerlib import Schema

from tap_younium.api.query import Query
from tap_younium.client import YouniumStream
from tap_younium.exceptions import RunError, YouniumError
from tap_younium.records.columns import EXTRA, LEGAL_ENTITY, READ_AT
from tap_younium.records.conformance import columns_conformer
from tap_younium.records.converter import RecordConverter
from tap_younium.records.decoding import ExactDecimal, decode
from tap_younium.records.json_schema import COLUMN_SCHEMAS, kind_of
from tap_younium.timestamps import to_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import Catalog

    from tap_younium.api.page import Page
    from tap_younium.run import Run


_ORIGINS = {
    "report": "Column of a report that the tenant saved in Younium.",
    "export": "Field of Younium's data export (v3), which has no published schema.",
    "insights": "Field of Younium Insights, which has no published schema.",
}
"""What descriptions say about columns, by the dialect of the stream's query."""


class DynamicStream(YouniumStream):
    """A FULL_TABLE stream with the columns of its first page.

    Args:
        tap: The tap, for the SDK.
        run: What the run owns.
        name: The stream's name.
        queries: The query for each legal entity.
        fields: Columns that it has even if the first page lacks them.
    """

    def __init__(
        self,
        tap: Tap,
        run: Run,
        name: str,
        queries: Mapping[str | None, Query],
        fields: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._queries = queries
        self._fields = fields
        self.path = next(iter(queries.values())).path
        self.primary_keys = ()
        super().__init__(tap, run)

    def make_converter(self) -> RecordConverter:
        """Return what converts records to rows, by the catalog's columns or the first page's."""
        keys = self.run.config.get("primary_keys", {}).get(self.name, [])
        schema = self.run.catalog.schema_of(self.name)
        if schema:
            columns = {
                name: column
                for name, column in schema["properties"].items()
                if name not in (LEGAL_ENTITY, EXTRA, READ_AT)
            }
            kinds = {name: kind_of(column) for name, column in columns.items()}
        else:
            records = [
                record
                for query in self._queries.values()
                for record in _records(query, self.run.reader.first_page(query))
            ]
            kinds = dict.fromkeys(self._fields, "string") | kinds_of(records)
        if unknown := [key for key in keys if key not in kinds]:
            raise YouniumError(
                f"primary_keys: {self.name} has no column {unknown[0]!r}. Its columns are "
                f"{', '.join(kinds) or 'unknown'}. Correct the setting, or create a new catalog "
                "with --discover."
            )
        self.primary_keys = tuple(keys)
        return RecordConverter(
            self.name,
            primary_keys=keys,
            make_conform=partial(columns_conformer, kinds, keys),
            columns={name: dict(COLUMN_SCHEMAS[kind]) for name, kind in kinds.items()},
        )

    def _described(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super()._described(schema)
        origin = _ORIGINS[next(iter(self._queries.values())).dialect]
        for column in described["properties"].values():
            column.setdefault("description", origin)
        return described

    def apply_catalog(self, catalog: Catalog) -> None:
        """Use the primary key of the setting: an older catalog can have a guessed one."""
        if entry := catalog.get_stream(self.name):
            entry.key_properties = entry.metadata.root.table_key_properties = self.primary_keys
            given, schema = entry.schema.to_dict().get("properties", {}), self.schema
            for name, column in schema["properties"].items():
                if "description" in given.get(name, {}):
                    column["description"] = given[name]["description"]
            entry.schema = Schema.from_dict(schema)
        super().apply_catalog(catalog)

    def legal_entity_complete(self) -> None:
        """Keep the rows of legal entities in which the stream was not found this time."""
        if self.name not in {name for name, _, _ in self.run.unavailable}:
            super().legal_entity_complete()

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The legal entities that have this stream."""
        return [{LEGAL_ENTITY: entity} for entity in self._queries if entity is not None] or None

    def queries(self, context: Context | None) -> list[Query]:
        """Return the query of a legal entity, always for all records: its pages have no order."""
        return [replace(self._queries[(context or {}).get(LEGAL_ENTITY)], prepare=self.prepare)]


def kinds_of(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the kind that all values of a column have; text if they differ."""
    found: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            found.setdefault(name, set())
            if value is not None:
                found[name].add(_kind_of_value(value))
    return {name: _common(kinds) for name, kinds in found.items()}


def _kind_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | ExactDecimal):  # 1000 and 1000.0 are the same in JSON
        return "number"
    if isinstance(value, str):
        return "date-time" if to_utc(value) else "string"
    return "object" if isinstance(value, dict) else "array"


def _common(kinds: set[str]) -> str:
    return kinds.pop() if len(kinds) == 1 else "string"


class _Report(msgspec.Struct):
    id: str
    name: str | None = None
    fields: list[str | None] | None = None


def discover(tap: Tap, run: Run) -> Iterator[DynamicStream]:
    """Yield the streams that the settings `reports`, `data_export` and `insights` ask for.

    Those that cannot be read, or that Younium does not have, are added to `run.unavailable`.
    """
    streams = [
        stream
        for name, queries, fields in _configured(tap, run)
        for stream in _readable_stream(tap, run, name, queries, fields)
    ]
    found = {stream.name for stream in streams} | {name for name, _, _ in run.unavailable}
    unknown = run.config.get("primary_keys", {}).keys() - found
    if unknown and run.catalog.catalog is None:
        names = ", ".join(sorted(unknown))
        tap.logger.warning("primary_keys names streams that the tap does not have: %s.", names)
    yield from streams


Configured: TypeAlias = "tuple[str, dict[str | None, Query], Sequence[str]]"
"""A stream's name, the query for each legal entity, and columns that it has."""


def _configured(tap: Tap, run: Run) -> Iterator[Configured]:
    if wanted := run.config.get("reports"):
        yield from _reports(run, wanted)
    for name in run.config.get("data_export") or ():
        tap.logger.warning("data_export is experimental: Younium publishes no schema for %s.", name)
        query = Query(f"/v3/{name}", key=None, order_by=None, dialect="export")
        yield f"export_{snake(name)}", _for_each_entity(run, query), ()
    for name in run.config.get("insights") or ():
        tap.logger.warning("insights is experimental: Younium publishes no schema for %s.", name)
        query = Query(f"/insights/Odata/{name}", key=None, order_by=None, dialect="insights")
        yield f"insights_{snake(name)}", _for_each_entity(run, query), ()


def _for_each_entity(run: Run, query: Query) -> dict[str | None, Query]:
    return {entity: replace(query, legal_entity=entity) for entity in run.partitions}


def _readable_stream(
    tap: Tap,
    run: Run,
    name: str,
    queries: Mapping[str | None, Query],
    fields: Sequence[str],
) -> Iterator[DynamicStream]:
    """Yield a stream that may be selected, unless its first page cannot be read."""
    if run.catalog.lacks(name):
        tap.logger.warning(
            "%s is configured but missing from the catalog, so it is not read. Create a new "
            "catalog with --discover.",
            name,
        )
    if not run.catalog.may_select(name):
        return
    if run.catalog.schema_of(name) is None:
        queries = dict(_readable_queries(run, name, queries))
    if not queries:
        return
    try:
        stream = DynamicStream(tap, run, name, queries, fields)
    except RunError:
        raise
    except YouniumError as error:
        run.unavailable.append((name, None, error))
    else:
        yield stream


def _readable_queries(
    run: Run, name: str, queries: Mapping[str | None, Query]
) -> Iterator[tuple[str | None, Query]]:
    """Yield the queries whose first page can be read."""
    for entity, query in queries.items():
        try:
            run.reader.first_page(query)
        except RunError:
            raise
        except YouniumError as error:
            run.unavailable.append((name, entity, error))
        else:
            yield entity, query


def _reports(run: Run, wanted: Sequence[str]) -> Iterator[Configured]:
    """Yield a stream for each report; reports with one name in several legal entities are one."""
    streams: dict[str, dict[str | None, Query]] = {}
    fields: dict[str, list[str]] = {}
    missing = set(wanted) - {"*"}
    failed: dict[str | None, YouniumError] = {}
    for entity in run.partitions:
        try:
            reports = list(_all_reports(run, entity))
        except RunError:
            raise
        except YouniumError as error:
            failed[entity] = error
            missing.clear()
            continue
        taken: set[str] = set()
        for report in reports:
            name = _unique_name(f"report_{snake(report.name or report.id)}", taken)
            taken.add(name)
            missing -= {report.id, report.name}
            if "*" in wanted or report.id in wanted or report.name in wanted:
                known = [field for field in report.fields or () if field]
                order_by = "id" if "id" in known else next(iter(known), None)
                streams.setdefault(name, {})[entity] = Query(
                    f"/Reports/{report.id}/Data",
                    entity,
                    key=None,
                    order_by=order_by,
                    dialect="report",
                )
                fields[name] = list(dict.fromkeys([*fields.get(name, ()), *known]))
    names = {*streams, *filter(re.compile("report_").match, run.catalog.selected)} or {"report_*"}
    for entity, refusal in failed.items():
        run.unavailable += [(name, entity, refusal) for name in sorted(names)]
    for name in sorted(missing):
        gone = YouniumError(
            f"reports: Younium has no report {name!r} that the token's user can see. Correct the "
            "setting: the stream `reports` lists them by id and name."
        )
        run.unavailable.append((f"report_{snake(name)}", None, gone))
    for name, queries in streams.items():
        yield name, queries, fields[name]


def _all_reports(run: Run, entity: str | None) -> Iterator[_Report]:
    query = Query("/Reports", entity)
    pages = run.reader.read_early(query)  # for the stream `reports`
    for record in chain.from_iterable(page.records for page in pages):
        try:
            yield msgspec.json.decode(record, type=_Report)
        except (msgspec.DecodeError, RecursionError):
            continue  # the stream `reports` keeps it, or reports its error


def _unique_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number appended if it is taken."""
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(free for free in names if free not in taken)


def _records(query: Query, page: Page) -> Iterator[dict[str, Any]]:
    """Yield the records of a page that can be read.

    Raises:
        YouniumError: If none is an object.
    """
    found: Any = None
    for raw in page.records:
        with suppress(ValueError, msgspec.MsgspecError, RecursionError):
            record = decode(raw)
            found = record if found is None or isinstance(record, dict) else found
            if isinstance(record, dict):
                yield record
    if found is not None and not isinstance(found, dict):
        raise YouniumError(
            f"GET {query.path}: its rows are not JSON objects but "
            f"{type(found).__name__}. Check the entity's name, or report this line."
        )


def snake(name: str) -> str:
    """Return a name in snake case: `revenue_changes` for `revenueChanges` or `Revenue-changes`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+|_+", "_", parts).strip("_").lower()
