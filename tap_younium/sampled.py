"""Tables whose shape only a tenant's Younium knows: saved reports, data export, Insights.

Their columns and types come from the first page, at discovery. A run with a catalog keeps to the
catalog's; what does not fit later is kept in `_extra`. A page cannot show what is unique, so they
have no primary key but the one that a setting names, and no row is dropped as a repeat.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Schema

from tap_younium.client import YouniumStream
from tap_younium.conform import Exact, decode, sampled
from tap_younium.errors import RunError, YouniumError
from tap_younium.listing import Listing
from tap_younium.models.schema import COLUMNS, kind_of
from tap_younium.rows import ENTITY, EXTRA, READ, Rows
from tap_younium.times import to_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import Catalog

    from tap_younium.listing import Page
    from tap_younium.tap import TapYounium


class SampledStream(YouniumStream):
    """A table read whole, with the columns that its first page showed.

    Args:
        tap: The tap.
        name: The table's name.
        listings: What is asked, by legal entity.
        fields: Columns that it is known to have, whether the first page fills them or not.
    """

    def __init__(
        self,
        tap: TapYounium,
        name: str,
        listings: Mapping[str | None, Listing],
        fields: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._listings = listings
        self._fields = fields
        self.path = next(iter(listings.values())).path
        self.primary_keys = ()
        super().__init__(tap)

    def make_rows(self, tap: TapYounium) -> Rows:
        """Return how records become rows: by the catalog where one is given, else by a sample."""
        keys = tap.config.get("primary_keys", {}).get(self.name, [])
        schema = tap.schema_given(self.name)
        if schema:
            columns = {
                name: column
                for name, column in schema["properties"].items()
                if name not in (ENTITY, EXTRA, READ)
            }
            kinds = {name: kind_of(column) for name, column in columns.items()}
        else:
            records = [
                record
                for listing in self._listings.values()
                for record in _records(listing, tap.pages.peek(listing))
            ]
            kinds = dict.fromkeys(self._fields, "string") | kinds_of(records)
        if unknown := [key for key in keys if key not in kinds]:
            raise YouniumError(
                f"primary_keys: {self.name} has no column {unknown[0]!r}. Its columns are "
                f"{', '.join(kinds) or 'unknown'}. Correct the setting, or make a new catalog with "
                "--discover."
            )
        self.primary_keys = tuple(keys)
        return Rows(
            self.name,
            keys=keys,
            conform=partial(sampled, kinds, keys),
            columns={name: dict(COLUMNS[kind]) for name, kind in kinds.items()},
        )

    def apply_catalog(self, catalog: Catalog) -> None:
        """Keep to the setting's primary key: an older version's catalog can hold a guessed one."""
        if entry := catalog.get_stream(self.name):
            entry.key_properties = entry.metadata.root.table_key_properties = self.primary_keys
            entry.schema = Schema.from_dict(self.schema)
        super().apply_catalog(catalog)

    def _activate(self) -> None:
        """Keep the rows of legal entities in which the stream was not found this time."""
        if self.name not in {name for name, _, _ in self._tap.unavailable}:
            super()._activate()

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The legal entities that have such a table."""
        return [{ENTITY: entity} for entity in self._listings if entity is not None] or None

    def listings(self, context: Context | None) -> list[Listing]:
        """Return what the table asks for. Such a table is read whole: its pages have no order."""
        return [replace(self._listings[(context or {}).get(ENTITY)], prepare=self.prepare)]


def kinds_of(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the type that each column's values have in common; text where they have none."""
    found: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            found.setdefault(name, set())
            if value is not None:
                found[name].add(_kind(value))
    return {name: _common(kinds) for name, kinds in found.items()}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Exact):  # JSON does not tell 1000 from 1000.0
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


def discover(tap: TapYounium) -> Iterator[SampledStream]:
    """Yield the tables that the settings `reports`, `data_export` and `insights` ask for.

    Those that can't be read, or that Younium does not have, are noted in `tap.unavailable`.
    """
    streams = list(_wanted(tap))
    found = {stream.name for stream in streams} | {name for name, _, _ in tap.unavailable}
    unknown = tap.config.get("primary_keys", {}).keys() - found
    if unknown and tap.input_catalog is None:
        names = ", ".join(sorted(unknown))
        tap.logger.warning("primary_keys names streams that the tap does not have: %s.", names)
    yield from streams


def _wanted(tap: TapYounium) -> Iterator[SampledStream]:
    entities: list[str | None] = [*tap.legal_entities] or [None]
    if wanted := tap.config.get("reports"):
        yield from _reports(tap, wanted, entities)
    for name in tap.config.get("data_export") or ():
        tap.logger.warning("data_export is experimental: Younium publishes no schema of %s.", name)
        listing = Listing(f"/v3/{name}", key=None, order_by=None, dialect="export")
        yield from _table(tap, f"export_{snake(name)}", _for_each(listing, entities))
    for name in tap.config.get("insights") or ():
        tap.logger.warning("insights is experimental: Younium publishes no schema of %s.", name)
        listing = Listing(f"/insights/Odata/{name}", key=None, order_by=None, dialect="insights")
        yield from _table(tap, f"insights_{snake(name)}", _for_each(listing, entities))


def _for_each(listing: Listing, entities: Iterable[str | None]) -> dict[str | None, Listing]:
    return {entity: replace(listing, legal_entity=entity) for entity in entities}


def _table(
    tap: TapYounium,
    name: str,
    listings: Mapping[str | None, Listing],
    fields: Sequence[str] = (),
) -> Iterator[SampledStream]:
    """Yield a stream that may be wanted, unless its first page can't be read."""
    if tap.lacks(name):
        tap.logger.warning(
            "%s is configured, but the catalog lacks it, so it is not read. Make a new catalog "
            "with --discover.",
            name,
        )
    if not tap.may_want(name):
        return
    if tap.schema_given(name) is None:
        listings = dict(_readable(tap, name, listings))
    if not listings:
        return
    try:
        stream = SampledStream(tap, name, listings, fields)
    except RunError:
        raise
    except YouniumError as error:
        tap.unavailable.append((name, None, error))
    else:
        yield stream


def _readable(
    tap: TapYounium, name: str, listings: Mapping[str | None, Listing]
) -> Iterator[tuple[str | None, Listing]]:
    """Yield the listings whose first page, the sample, can be read; the others are noted."""
    for entity, listing in listings.items():
        try:
            tap.pages.peek(listing)
        except RunError:
            raise
        except YouniumError as error:
            tap.unavailable.append((name, entity, error))
        else:
            yield entity, listing


def _reports(
    tap: TapYounium, wanted: Sequence[str], entities: Iterable[str | None]
) -> Iterator[SampledStream]:
    """Yield a table for each report; reports of one name in several legal entities are one."""
    tables: dict[str, dict[str | None, Listing]] = {}
    fields: dict[str, list[str]] = {}
    missing = set(wanted) - {"*"}
    failed: dict[str | None, YouniumError] = {}
    for entity in entities:
        try:
            reports = list(_all_reports(tap, entity))
        except RunError:
            raise
        except YouniumError as error:
            failed[entity] = error
            missing.clear()
            continue
        taken: set[str] = set()
        for report in reports:
            table = _free_name(f"report_{snake(report.name or report.id)}", taken)
            taken.add(table)
            missing -= {report.id, report.name}
            if "*" in wanted or report.id in wanted or report.name in wanted:
                known = [field for field in report.fields or () if field]
                order_by = "id" if "id" in known else next(iter(known), None)
                tables.setdefault(table, {})[entity] = Listing(
                    f"/Reports/{report.id}/Data",
                    entity,
                    key=None,
                    order_by=order_by,
                    dialect="report",
                )
                fields[table] = list(dict.fromkeys([*fields.get(table, ()), *known]))
    names = {*tables, *filter(re.compile("report_").match, tap.wanted)} or {"report_*"}
    for entity, refusal in failed.items():
        tap.unavailable += [(name, entity, refusal) for name in sorted(names)]
    for name in sorted(missing):
        gone = YouniumError(
            f"reports: Younium has no report {name!r} that the token's user can see. Correct the "
            "setting: the stream `reports` lists them by id and name."
        )
        tap.unavailable.append((f"report_{snake(name)}", None, gone))
    for name, listings in tables.items():
        yield from _table(tap, name, listings, fields[name])


def _all_reports(tap: TapYounium, entity: str | None) -> Iterator[_Report]:
    listing = Listing("/Reports", entity)
    tap.pages.expect([listing, listing])
    for record in chain.from_iterable(page.records for page in tap.pages.read(listing)):
        try:
            yield msgspec.json.decode(record, type=_Report)
        except (msgspec.DecodeError, RecursionError):
            continue  # the table `reports` keeps it, or says what is wrong with it


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with the first number behind it that makes it free if it is taken."""
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(free for free in names if free not in taken)


def _records(listing: Listing, page: Page) -> Iterator[dict[str, Any]]:
    """Yield those of a page's records that can be read.

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
            f"GET {listing.path}: its rows are no objects, but {type(found).__name__}. "
            "Nothing can be read from it: check its name, or report this line."
        )


def snake(name: str) -> str:
    """Return a name in snake case: `revenue_changes` for `revenueChanges` or `Revenue-changes`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+|_+", "_", parts).strip("_").lower()
