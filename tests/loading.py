"""Loads the tap's rows into DuckDB, with the columns and types that target-duckdb gives them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from singer import Output, Row

_TYPES = {
    "array": "JSON",
    "boolean": "BOOLEAN",
    "date-time": "TIMESTAMP",
    "integer": "HUGEINT",
    "number": "DOUBLE",
    "object": "JSON",
}


def load(*outputs: Output) -> duckdb.DuckDBPyConnection:
    """A database with the schema `younium`; of the rows of one key it has the last."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA younium")
    with TemporaryDirectory() as folder:
        for table, message in outputs[-1].schemas.items():
            kept: dict[object, Row] = {}
            for row in (row for output in outputs for row in output.records.get(table, [])):
                kept[tuple(row[key] for key in message["key_properties"]) or len(kept)] = row
            file = Path(folder, f"{table}.json")
            file.write_text("".join(json.dumps(row) + "\n" for row in kept.values()))
            columns = {name: _type(it) for name, it in message["schema"]["properties"].items()}
            given = ", ".join(f"'{it}': '{_READ.get(kind, kind)}'" for it, kind in columns.items())
            typed = ", ".join(f'"{it}"::{kind} AS "{it}"' for it, kind in columns.items())
            connection.execute(
                f'CREATE TABLE younium."{table}" AS SELECT {typed} FROM '
                f"read_json('{file}', columns={{{given}}}, format='newline_delimited')"
            )
    return connection


_READ = {"TIMESTAMP": "VARCHAR"}


def _type(column: Row) -> str:
    kinds = column["type"] if isinstance(column["type"], list) else [column["type"]]
    kind = column.get("format") or next(each for each in kinds if each != "null")
    return _TYPES.get(kind, "VARCHAR")
