"""Every stream is loaded completely into DuckDB, PostgreSQL, JSONL and CSV, over two runs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from loading import kind_of
from pages import ROOT
from singer import COLLECTIONS, INCREMENTAL, Output, Row, catalog, config_of, metadata_of, run
from test_arrays import RULES, without_arrays
from test_child_streams import BY_RECORD, DETAILS
from test_nested import NESTED, elements

from e2e.places import DuckDB, decode
from simulator import Simulator
from simulator.filling import identifier

if TYPE_CHECKING:
    from collections.abc import Callable
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
NOT_HELD = {
    # Younium's clock
    ("payments", "_last_modified"),
    ("payment_settlements", "_last_modified"),
    ("payment_write_offs", "_last_modified"),
    # positions in lists that Younium does not sort
    ("invoice_payment_logs", "_position"),
    ("sales_order_versions", "_position"),
    ("subscription_versions", "_position"),
}
"""Columns that differ from read to read."""
EVERYTHING: Row = {
    "reports": ["*"],
    "data_export": ["Subscription-product-charges"],
    "insights": ["allmetrics"],
    "primary_keys": {table: ["id"] for table in sorted(SAMPLED - KEYLESS)},
    "superseded_versions": False,  # they have rows that a full read does not give
    "page_size": 20,  # so that many streams have several pages
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
    csv: list[Path]
    """The files that both runs wrote as CSV."""
    there: dict[str, int]
    """How many rows of each table Younium had before the first run."""
    schemas: dict[str, Row]
    full: dict[str, list[Row]]
    """What the tap gives of everything in the end."""
    fewer: dict[str, list[Row]]
    """The same as JSONL, without the arrays that have streams of their own."""


@pytest.fixture(scope="module")
def loads(project: Project, postgres: PostgreSQL) -> Loads:
    duck = DuckDB(project.folder / "output" / "prod.duckdb")
    postgres.execute("DROP SCHEMA IF EXISTS younium CASCADE")  # other tests use the default too
    databases: dict[str, Database] = {"duckdb": duck, "postgres": postgres}
    counts: dict[str, list[Row]] = {name: [] for name in databases}
    lines = []
    texts = project.folder / "csv"
    flat = replace(postgres, schema="flat")
    with Simulator(accounts=8, entities=ENTITIES) as younium:
        there = in_younium(younium)
        for turn in (1, 2):
            for name, database in databases.items():
                project.load(younium, name, "younium", **EVERYTHING)
                counts[name].append(count(database))
            project.load(younium, "jsonl", str(project.folder / "jsonl"), **EVERYTHING)
            lines.append({it.stem: taken(it) for it in project.folder.glob("jsonl/*")})
            project.load(younium, "csv", str(texts), **EVERYTHING)
            if turn == 1:
                change(younium)
        flattening = {"flattening_enabled": True, "flattening_max_depth": 3}
        project.load(younium, "postgres", flat.schema, **EVERYTHING, **flattening)
        folder, select = project.folder / "arrays", ["*.*", *RULES]
        project.load(younium, "jsonl", str(folder), **EVERYTHING, _select=select)
        fewer = {it.stem: taken(it) for it in folder.glob("*")}
        full = read_all(younium)
    rows: dict[str, list[Row]] = {table: [] for table in full.schemas}
    for message in map(decode, full.lines):
        if message["type"] == "RECORD":
            rows[message["stream"]].append(message["record"])
    files = sorted(texts.iterdir())
    return Loads(databases, flat, counts, lines, files, there, full.schemas, rows, fewer)


def in_younium(younium: Simulator) -> dict[str, int]:
    """The numbers of records of each collection and of elements of their arrays."""
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
    new = deepcopy(accounts[0]) | changed | {"name": CHANGED}
    for row in (new, *new["addresses"]):
        row["id"] = identifier(row["id"], CHANGED)
    accounts.append(new)


def read_all(younium: Simulator) -> Output:
    """The tap's output of a full read of all streams."""
    config = config_of(younium, **EVERYTHING)
    chosen = catalog(config=config)
    for stream in chosen["streams"]:
        metadata_of(stream)["selected"] = True
    return run(config, catalog=chosen).well()


def taken(file: Path) -> list[Row]:
    """The rows of a file, which is then deleted, as a loader appends to it."""
    rows = [decode(line) for line in file.read_text(encoding="utf-8").splitlines()]
    file.unlink()
    return rows


def count(database: Database) -> Row:
    """The number of rows of each table."""
    each = [f"SELECT '{it}' AS name, count(*) AS rows FROM \"{it}\"" for it in columns(database)]
    return {row["name"]: row["rows"] for row in database.rows(" UNION ALL ".join(each))}


def columns(database: Database) -> dict[str, dict[str, str]]:
    """The type of each column of each table, without the loader's own columns."""
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


def test_every_table_has_its_columns_with_their_types(database: Database, loads: Loads) -> None:
    assert set(loads.schemas) == TABLES
    assert columns(database) == {
        table: {database.column(it): database.types[kind] for it, kind in kinds(schema).items()}
        for table, schema in loads.schemas.items()
    }


def test_arrays_in_postgresql_have_the_types_on_the_page_on_types(loads: Loads) -> None:
    found = loads.databases["postgres"].rows(
        "SELECT DISTINCT udt_name AS type FROM information_schema.columns "
        "WHERE table_schema = 'younium' AND data_type = 'ARRAY'"
    )
    assert {row["type"].replace("_", "", 1) + "[]" for row in found} == {"jsonb[]", "text[]"}


def test_the_first_run_loads_each_record_once(target: str, loads: Loads) -> None:
    found = loads.counts[target][0]
    assert found == {table: len(rows) for table, rows in loads.lines[0].items()}
    assert {table: found[table] for table in loads.there} == loads.there
    assert set(found) == TABLES
    assert min(found.values()) > 0


def test_after_two_runs_each_row_is_there_once_as_in_a_full_read(
    database: Database, loads: Loads
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
    """Rows to compare, without their order."""
    kept = (
        {name: row[name] for name in row if name != "_read_at" and (table, name) not in NOT_HELD}
        for row in rows
    )
    return sorted(json.dumps(row, sort_keys=True, default=str, ensure_ascii=False) for row in kept)


def test_the_files_of_two_runs_have_the_rows_of_a_full_read(loads: Loads) -> None:
    """The last row of each primary key, digit for digit."""
    for table, schema in loads.schemas.items():
        keys = schema["key_properties"]
        written = [*loads.lines[0][table], *loads.lines[1].get(table, [])]
        last = {tuple(row[key] for key in keys) or place: row for place, row in enumerate(written)}
        sent = loads.full[table] * (2 if table in KEYLESS else 1)
        assert same(list(last.values()), table) == same(sent, table), table


def test_without_the_arrays_that_have_streams_rows_lack_nothing_else(loads: Loads) -> None:
    for table, rows in loads.full.items():
        kept = [without_arrays(row, table) for row in rows]
        assert same(loads.fewer[table], table) == same(kept, table), table


def test_the_second_run_continues_from_the_state_of_the_first(loads: Loads) -> None:
    """Full-table streams are read again, the others from the end of the first run."""
    first, second = (Counter({it: len(rows[it]) for it in rows}) for rows in loads.lines)
    changing = INCREMENTAL | {it for it in NESTED if NESTED[it].collection in INCREMENTAL}
    for table in COLLECTIONS.keys() - INCREMENTAL:
        assert second[table] == first[table], table
    for table in changing | set(BY_RECORD):
        assert second[table] < first[table], table


def test_csv_files_of_two_runs_have_the_values_of_a_full_read(loads: Loads) -> None:
    """Of the last row of each primary key, digit for digit; objects are columns, null is empty."""
    csv.field_size_limit(sys.maxsize)  # some arrays are long
    for table, schema in loads.schemas.items():
        files = [it for it in loads.csv if it.name.partition("-")[0] == table]
        assert len(files) == 2, table
        written = [row for it in files for row in read_csv(it)]
        keys = schema["key_properties"]
        last = {tuple(row[key] for key in keys) or place: row for place, row in enumerate(written)}
        sent = [
            {name: as_csv(leaf(row, name)) for name in written[0]}
            for row in loads.full[table] * (2 if table in KEYLESS else 1)
        ]
        assert same(list(last.values()), table) == same(sent, table), table


def read_csv(file: Path) -> list[Row]:
    """The rows of a CSV file, with the JSON in them decoded."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [{name: unwrapped(row[name]) for name in row} for row in csv.DictReader(opened)]


def as_csv(value: Any) -> Any:
    """What `read_csv` gives of a value that the tap wrote; Python writes times and booleans."""
    if isinstance(value, list | dict):
        return value
    if isinstance(value, str) and re.fullmatch(r"[\d-]{10}T[\d:.]+Z", value):
        return str(datetime.fromisoformat(value))
    return "" if value is None else unwrapped(str(value))


def test_duckdb_exports_each_table_as_parquet(loads: Loads, tmp_path: Path) -> None:
    """With the statement on the page on targets."""
    page = (ROOT / "docs/targets.md").read_text(encoding="utf-8")
    (statement,) = re.findall(r"`(EXPORT DATABASE .*)`", page)
    database = loads.databases["duckdb"]
    assert isinstance(database, DuckDB)
    with duckdb.connect(str(database.file), read_only=True) as connection:
        connection.execute(statement.replace("'parquet'", f"'{tmp_path}'"))
    written = tmp_path.glob("younium_*.parquet")
    found = {it.stem.removeprefix("younium_"): duckdb.read_parquet(str(it)) for it in written}
    names = {it: re.sub(rb"[^a-z_]", b"_", it.encode()).decode() for it in loads.schemas}
    assert found.keys() == set(names.values())
    for table, types in columns(database).items():
        file = found[names[table]]
        assert len(file) == loads.counts["duckdb"][1][table], table
        kept = dict(zip(file.columns, map(str, file.types), strict=True))
        expected = {name: types[name].replace("HUGEINT", "VARCHAR") for name in types}
        assert expected.items() <= kept.items(), table


# Joins


def test_each_nested_row_joins_its_record_and_the_row_above(
    database: Database, target: str, loads: Loads
) -> None:
    for table, nested in NESTED.items():
        rows = loads.counts[target][1][table]
        assert joined(database, table, "_root_id", nested.collection) == rows, table
        if nested.above not in NESTED or NESTED[nested.above].has_id:
            assert joined(database, table, "_parent_id", nested.above) == rows, table
        if len(nested.arrays) == 1:
            (array,) = nested.arrays
            length = f'sum({database.length}("{array}"))'
            assert number(database, f"SELECT {length} FROM {nested.collection}") == rows, table


def test_each_row_of_a_detail_stream_joins_its_record(
    database: Database, target: str, loads: Loads
) -> None:
    for table in BY_RECORD:
        found = [joined(database, table, "_root_id", it) for it in DETAILS[table].collections]
        assert sum(found) == loads.counts[target][1][table], table
        assert min(found) > 0, table
    years = """
        SELECT count(*) FROM accounting_transactions AS transactions WHERE EXISTS (
            SELECT 1 FROM journals
            WHERE journals."accountingPeriod"->>'fiscalYear' = transactions._parent_id
              AND journals._legal_entity = transactions._legal_entity)"""
    assert number(database, years) == loads.counts[target][1]["accounting_transactions"]


def joined(database: Database, table: str, link: str, above: str) -> int:
    """The number of rows of a join of a table with the one above."""
    return number(
        database,
        f'SELECT count(*) FROM "{table}" AS below JOIN "{above}" AS above '
        f"ON CAST(above.id AS VARCHAR) = below.{link} "
        "AND above._legal_entity = below._legal_entity",
    )


# Entities, changes


def test_legal_entities_are_kept_apart(database: Database, loads: Loads) -> None:
    """Also if both have rows with the same id."""
    for table, rows in loads.full.items():
        query = f'SELECT _legal_entity AS name, count(*) AS rows FROM "{table}" GROUP BY 1'
        reads = 2 if table in KEYLESS else 1
        found = {row["name"]: row["rows"] for row in database.rows(query)}
        assert found == Counter(row["_legal_entity"] for row in rows for _ in range(reads)), table
        assert set(found) == set(ENTITIES), table
    features = "SELECT count(*) - 2 * count(DISTINCT code) FROM product_features"
    assert number(database, features) == 0


def test_a_change_deep_in_a_record_is_loaded_once_and_dates_the_record(database: Database) -> None:
    query = f"""
        SELECT count(*) FROM subscription_charges AS charge JOIN subscriptions AS subscription
        ON CAST(subscription.id AS VARCHAR) = charge._root_id
        AND subscription._legal_entity = charge._legal_entity
        WHERE charge.remarks = '{CHANGED}' AND subscription._last_modified = charge.modified
        AND subscription.modified < subscription._last_modified"""
    assert number(database, query) == 1
    for table, column in (("subscription_charges", "remarks"), ("accounts", "name")):
        query = f"SELECT count(*) FROM {table} WHERE {column} = '{CHANGED}'"
        assert number(database, query) == 1, table


# Flattening


def test_flattened_each_value_has_its_own_column(loads: Loads) -> None:
    """Objects become columns; arrays and deeper objects are JSON in a text column."""
    flat = loads.flat
    types = columns(flat)
    assert set(types) == TABLES
    for table, typed in types.items():
        assert {name.partition("__")[0] for name in typed} == set(kinds(loads.schemas[table]))
        assert not {"ARRAY", "jsonb"} & set(typed.values()), table
        kind = {name: "date-time" if "timestamp" in typed[name] else "" for name in typed}
        came = [
            {name: to(flat.read, unwrapped(row[name]), kind[name]) for name in kind}
            for row in flat.rows(f'SELECT * FROM "{table}"')
        ]
        sent = [
            {name: to(flat.kept, unwrapped(leaf(row, name)), kind[name]) for name in kind}
            for row in loads.full[table]
        ]
        assert same(came, table) == same(sent, table), table


def leaf(row: Row, name: str) -> Any:
    """The value of a flattened column."""
    value: Any = row
    for part in name.split("__"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def unwrapped(value: Any) -> Any:
    """A value that can be JSON text."""
    return decode(value) if isinstance(value, str) and value[:1] in {"[", "{"} else value
