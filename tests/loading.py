"""Loads the tap's rows into DuckDB, with the columns and types that target-duckdb gives them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from singer import Output, Row

TYPES = {
    "array": "JSON",
    "boolean": "BOOLEAN",
    "date-time": "TIMESTAMP",
    "integer": "HUGEINT",
    "number": "DOUBLE",
    "object": "JSON",
    "string": "VARCHAR",
    "uuid": "VARCHAR",
}
"""The type of a column in DuckDB, by its type in the SCHEMA message."""


def kind_of(column: Row) -> str:
    """The type of a column in a SCHEMA message: its format, or else its type other than `null`."""
    types = column["type"] if isinstance(column["type"], list) else [column["type"]]
    return str(column.get("format") or next(each for each in types if each != "null"))


def load(*outputs: Output, file: Path | str = ":memory:") -> duckdb.DuckDBPyConnection:
    """A database with the schema `younium`; of rows with the same primary key it has the last."""
    connection = duckdb.connect(str(file))
    connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA younium")
    with TemporaryDirectory() as folder:
        for table, message in outputs[-1].schemas.items():
            kept: dict[object, Row] = {}
            for row in (row for output in outputs for row in output.records.get(table, [])):
                kept[tuple(row[key] for key in message["key_properties"]) or len(kept)] = row
            file = Path(folder, f"{table}.json")
            file.write_text("".join(json.dumps(row) + "\n" for row in kept.values()))
            properties = message["schema"]["properties"]
            columns = {name: TYPES[kind_of(it)] for name, it in properties.items()}
            given = ", ".join(f"'{it}': '{_READ.get(kind, kind)}'" for it, kind in columns.items())
            typed = ", ".join(f'"{it}"::{kind} AS "{it}"' for it, kind in columns.items())
            connection.execute(
                f'CREATE TABLE younium."{table}" AS SELECT {typed} FROM '
                f"read_json('{file}', columns={{{given}}}, format='newline_delimited')"
            )
    return connection


_READ = {"TIMESTAMP": "VARCHAR"}
