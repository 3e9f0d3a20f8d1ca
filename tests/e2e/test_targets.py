"""Every table arrives whole in DuckDB, in PostgreSQL and as JSONL, and stays so over two runs."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from e2e.places import DuckDB, decode, kind_of
from singer import COLLECTIONS, INCREMENTAL, Output, Row, catalog, config_of, metadata_of, run
from test_detail_tables import DETAILS
from test_nested import NESTED, elements

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.places import Database, PostgreSQL, Project

ENTITIES = ("Nordic AB", "Läkarö & Söner")
SAMPLED = {
    "export_subscription_product_charges",
    "insights_allmetrics",
    "report_customers",
    "report_mrr_by_customer",
    "report_payments",
    "report_usage_month",
    "report_öppna_fakturor",
}
KEYLESS = {"insights_allmetrics", "report_öppna_fakturor"}
TABLES = {*COLLECTIONS, *NESTED, *DETAILS, *SAMPLED}
EVERYTHING: Row = {
    "reports": ["*"],
    "data_export": ["Subscription-product-charges"],
    "insights": ["allmetrics"],
    "page_size": 20,  # so that many tables have several pages
}
CHANGED = "Changed between the runs"


@dataclass
class Loads:
    """Two runs into each target with a change between them, and one more, flattened."""

    databases: dict[str, Database]
    flat: Database
    counts: dict[str, list[Row]]
    """How many rows each table of a database had after either run."""
    lines: list[dict[str, list[Row]]]
    """What either run wrote as JSONL."""
    there: dict[str, int]
    """How many rows of each table Younium had before the first run."""
    schemas: dict[str, Row]
    full: dict[str, list[Row]]
    """What the tap gives of everything in the end."""


@pytest.fixture(scope="module")
def loads(project: Project, postgres: PostgreSQL) -> Loads:
    duck = DuckDB(project.folder / "output" / "prod.duckdb")
    databases: dict[str, Database] = {"duckdb": duck, "postgres": postgres}
    counts: dict[str, list[Row]] = {name: [] for name in databases}
    lines = []
    flat = replace(postgres, schema="flat")
    with Simulator(accounts=8, entities=ENTITIES) as younium:
        there = in_younium(younium)
        for folder in (project.folder / "first", project.folder / "second"):
            for name in databases:
                project.load(younium, name, "younium", **EVERYTHING)
                counts[name].append(count(databases[name]))
            project.load(younium, "jsonl", str(folder), **EVERYTHING)
            lines.append({file.stem: decoded(file) for file in folder.iterdir()})
            if len(lines) == 1:
                change(younium)
        flattening = {"flattening_enabled": True, "flattening_max_depth": 3}
        options = ("--state-id-suffix", "flat")
        project.load(younium, "postgres", "flat", *options, **EVERYTHING, **flattening)
        full = read(younium)
    rows: dict[str, list[Row]] = {table: [] for table in full.schemas}
    for message in map(decode, full.lines):
        if message["type"] == "RECORD":
            rows[message["stream"]].append(message["record"])
    return Loads(databases, flat, counts, lines, there, full.schemas, rows)


def in_younium(younium: Simulator) -> dict[str, int]:
    """How many records each collection has, and how many elements their arrays."""
    records = {
        table: [row for entity in ENTITIES for row in younium.rows(path, entity)]
        for table, path in COLLECTIONS.items()
    }
    return {table: len(rows) for table, rows in records.items()} | {
        table: len(elements(records[nested.collection], nested.arrays))
        for table, nested in NESTED.items()
    }


def change(younium: Simulator) -> None:
    """Change a charge, and nothing else in its subscription; add an account with its addresses."""
    changed = {"remarks": CHANGED, "modified": datetime.now(UTC).replace(tzinfo=None).isoformat()}
    charges = elements(younium.rows("Subscriptions", ENTITIES[1]), ("products", "charges"))
    charges[0].value.update(changed)
    accounts = younium.rows("Accounts", ENTITIES[0])
    accounts.append(deepcopy(accounts[0]) | changed | {"id": str(uuid4())})
    for address in accounts[-1]["addresses"]:
        address["id"] = str(uuid4())


def read(younium: Simulator) -> Output:
    """What the tap gives of everything, by itself."""
    config = config_of(younium, **EVERYTHING)
    chosen = catalog(config=config)
    for stream in chosen["streams"]:
        metadata_of(stream)["selected"] = True
    return run(config, catalog=chosen).well()


def decoded(file: Path) -> list[Row]:
    return [decode(line) for line in file.read_text(encoding="utf-8").splitlines()]


def count(database: Database) -> Row:
    """How many rows each table has."""
    each = [f"SELECT '{it}' AS name, count(*) AS rows FROM \"{it}\"" for it in columns(database)]
    return {row["name"]: row["rows"] for row in database.rows(" UNION ALL ".join(each))}


def columns(database: Database) -> dict[str, dict[str, str]]:
    """The type of each column of each table, the loader's own columns aside."""
    found: dict[str, dict[str, str]] = {}
    for row in database.rows(
        "SELECT table_name AS table, column_name AS name, data_type AS type "
        f"FROM information_schema.columns WHERE table_schema = '{database.schema}'"
    ):
        if not row["name"].startswith("_sdc_"):
            found.setdefault(row["table"], {})[row["name"]] = row["type"]
    return found


@pytest.fixture(params=["duckdb", "postgres"])
def target(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def database(target: str, loads: Loads) -> Database:
    return loads.databases[target]


def number(database: Database, query: str) -> int:
    """What a query counts."""
    ((found,),) = (row.values() for row in database.rows(query))
    assert isinstance(found, int), query
    return found


def kinds(schema: Row) -> dict[str, str]:
    return {name: kind_of(column) for name, column in schema["schema"]["properties"].items()}


# Rows and columns


def test_every_table_has_its_columns_in_their_types(database: Database, loads: Loads) -> None:
    assert set(loads.schemas) == TABLES
    assert columns(database) == {
        table: {database.column(it): database.types[kind] for it, kind in kinds(schema).items()}
        for table, schema in loads.schemas.items()
    }


def test_the_first_run_brings_each_record_of_younium_once(target: str, loads: Loads) -> None:
    found = loads.counts[target][0]
    assert found == {table: len(rows) for table, rows in loads.lines[0].items()}
    assert {table: found[table] for table in loads.there} == loads.there
    assert set(found) == TABLES
    assert min(found.values()) > 0


def test_after_two_runs_each_row_is_there_once_as_a_full_read_gives_it(
    target: str, database: Database, loads: Loads
) -> None:
    """Upserted, not repeated; value by value, and times in UTC whatever the server's zone is."""
    for table, schema in loads.schemas.items():
        kind = kinds(schema)
        came = [
            {name: to(database.read, row[database.column(name)], kind[name]) for name in kind}
            for row in database.rows(f'SELECT * FROM "{table}"')
        ]
        sent = [
            {name: to(database.kept, row.get(name), kind[name]) for name in kind}
            for row in loads.full[table]
        ]
        if table in KEYLESS:
            assert len(came) == 2 * len(sent), table  # a loader that only adds keeps each read
            sent += sent
        assert same(came, table) == same(sent, table), table


def to(way: Callable[[Any, str], Any], value: Any, kind: str) -> Any:
    return None if value is None else way(value, kind)


def same(rows: list[Row], table: str) -> list[str]:
    """Rows to compare, without order and without the clock's part."""
    clock = {"_last_modified"} if table.startswith("payment") else set()
    return sorted(repr({it: row[it] for it in row if it not in clock}) for row in rows)
