# ruff: noqa: INP001 - a package of one module, outside of the tap's
"""Runs target-duckdb 0.8.0 without the loss of first rows.

That release hands its rows to DuckDB as CSV and leaves DuckDB to guess whether the first row is a
header. Where a table has times, or nothing but text, DuckDB takes it for one and the row is lost
without a word. The fix is merged in target-duckdb (pull request 58) but in no release: with the
release that has it, this package can go.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import target_duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class _Connection:
    """A DuckDB connection that guesses nothing about a CSV file."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: str, *parameters: Any) -> DuckDBPyConnection:
        """As DuckDB's, but for a `COPY … WITH (new_line …)`."""
        given = """WITH (header false, delimiter ',', quote '"', escape '"', new_line"""
        return self._connection.execute(query.replace("WITH (new_line", given), *parameters)


def main() -> None:
    """The loader's command line."""
    connect = target_duckdb.duckdb_connect

    def connected(config: dict[str, Any]) -> _Connection:
        # DuckDB makes the file but not the folder, and a fresh checkout has no `output`.
        Path(config.get("filepath", "")).parent.mkdir(parents=True, exist_ok=True)
        return _Connection(connect(config))

    target_duckdb.duckdb_connect = connected
    target_duckdb.main()
