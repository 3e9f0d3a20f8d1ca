# ruff: noqa: INP001 - a package with one module, separate from the tap's
"""Runs target-duckdb 0.8.0 with a fix for lost rows.

That release passes rows to DuckDB as CSV and lets DuckDB guess whether the first row is a header.
If a table has times or only text, DuckDB guesses wrong and the row is lost without an error. The
fix is merged in target-duckdb (pull request 58), but not released: MeltanoLabs, which maintains it
since February 2026, has tagged 0.9.0 and turned off publishing. Remove this package when a release
has the fix.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import target_duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class _Connection:
    """A DuckDB connection that does not guess the format of a CSV file."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: str, *parameters: Any) -> DuckDBPyConnection:
        """Execute a query. State the CSV format in a `COPY … WITH (new_line …)`."""
        given = """WITH (header false, delimiter ',', quote '"', escape '"', new_line"""
        return self._connection.execute(query.replace("WITH (new_line", given), *parameters)


def main() -> None:
    """Run the loader's command line."""
    connect = target_duckdb.duckdb_connect

    def connected(config: dict[str, Any]) -> _Connection:
        # DuckDB creates the file but not the folder, and a new checkout has no `output`.
        Path(config.get("filepath", "")).parent.mkdir(parents=True, exist_ok=True)
        return _Connection(connect(config))

    target_duckdb.duckdb_connect = connected
    target_duckdb.main()
