"""Runs Meltano and reads the databases for the tests of real targets."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb
from loading import TYPES
from singer import config_of

if TYPE_CHECKING:
    from singer import Row

    from simulator import Simulator

Tables = dict[str, list[str]]

decode = partial(json.loads, parse_float=Decimal)
"""Decodes JSON without losing digits."""


@dataclass(frozen=True)
class PostgreSQL:
    """A schema on a server, read with the server's own client, which keeps every digit."""

    psql: Path
    port: int
    password: str
    schema: str = "younium"
    user: str = "loader"

    types: ClassVar = {
        "array": "ARRAY",
        "boolean": "boolean",
        "date-time": "timestamp without time zone",
        "integer": "bigint",
        "number": "numeric",
        "object": "jsonb",
        "string": "text",
        "uuid": "uuid",
    }
    """The type of a column, by what the SCHEMA says that it holds."""
    length: ClassVar = "cardinality"
    """What counts the elements of an array."""
    target: ClassVar = "postgres"
    """What dbt's profile calls it."""

    @property
    def settings(self) -> dict[str, str]:
        """The settings of the loader and dbt to connect to it, without the schema."""
        return {
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": str(self.port),
            "TARGET_POSTGRES_USER": self.user,
            "TARGET_POSTGRES_PASSWORD": self.password,
            "TARGET_POSTGRES_DATABASE": "postgres",
        }

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query; times as text."""
        answer = self.execute(f"SELECT coalesce(json_agg(found), '[]') FROM ({sql}) AS found")
        found: list[Row] = decode(answer)
        return found

    def tables(self) -> Tables:
        """The rows of each table, as far as each load gives the same."""
        found = self.rows(
            """SELECT table_name AS table, string_agg(quote_ident(column_name), ',') AS columns"""
            f" FROM information_schema.columns WHERE table_schema = '{self.schema}'"
            r" AND column_name NOT LIKE '\_sdc\_%' AND column_name <> '_read_at'"
            # payments have no timestamps: their `_last_modified` is the time of the read
            " AND NOT (column_name = '_last_modified' AND table_name LIKE 'payment%')"
            " GROUP BY table_name"
        )
        queries = {it["table"]: f'SELECT {it["columns"]} FROM "{it["table"]}"' for it in found}
        return {
            table: sorted(json.dumps(row, default=str, sort_keys=True) for row in self.rows(query))
            for table, query in queries.items()
        }

    def execute(self, sql: str) -> bytes:
        """Execute statements, and return what the server's client writes."""
        environment = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
            "PGCLIENTENCODING": "UTF8",
            "PGOPTIONS": f"--search_path={self.schema}",
        }
        command = [str(self.psql), "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql]
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout

    def column(self, name: str) -> str:
        """A column as `rows` names it."""
        return name

    def kept(self, value: Any, kind: str) -> Any:
        """What is kept of a value that the tap wrote."""
        return datetime.fromisoformat(value) if kind == "date-time" else value

    def read(self, value: Any, kind: str) -> Any:
        """A value of `rows`, to compare with `kept`."""
        if kind == "date-time":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value


@dataclass(frozen=True)
class DuckDB:
    """A file. The loader stores numbers as DOUBLE and empty text as NULL, and ignores case."""

    file: Path
    schema: str = "younium"

    types: ClassVar = TYPES
    length: ClassVar = "json_array_length"
    target: ClassVar = "duckdb"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of dbt to find it."""
        return {"YOUNIUM_DUCKDB": str(self.file)}

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            found = connection.execute(f"USE {self.schema}").execute(sql)
            names = [name for name, *_ in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def column(self, name: str) -> str:
        """A column as `rows` names it."""
        return name.lower()

    def kept(self, value: Any, kind: str) -> Any:
        """What is kept of a value that the tap wrote."""
        if kind == "date-time":
            return datetime.fromisoformat(value)
        if kind in {"array", "object"}:
            return json.loads(json.dumps(value, default=float))
        if kind == "number":
            return float(value)
        return None if value == "" else value

    def read(self, value: Any, kind: str) -> Any:
        """A value of `rows`, to compare with `kept`."""
        if kind == "date-time":
            return value.replace(tzinfo=UTC)
        return json.loads(value) if kind in {"array", "object"} else value


Database = PostgreSQL | DuckDB


@dataclass(frozen=True)
class Project:
    """A Meltano project with the tap and its loaders installed."""

    folder: Path
    command: list[str]
    postgres: PostgreSQL

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start Meltano in its own process group, without other settings from the environment."""
        others = ("MELTANO_", "PG", "TAP_", "TARGET_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        ours = {
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_ENVIRONMENT": "prod",
            **self.postgres.settings,
            "TARGET_POSTGRES_HARD_DELETE": "true",  # what the tap must request
        }
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.folder,
            env=kept | ours | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def install(self) -> None:
        """Install the tap and the loaders."""
        well(self.start("install"))

    def load(self, younium: Simulator, target: str, into: str, **settings: Any) -> None:
        """Load Younium into a target, which must succeed; arguments as for `loading`."""
        well(self.loading(younium, target, into, **settings))

    def loading(
        self, younium: Simulator, target: str, into: str, **settings: Any
    ) -> subprocess.Popen[str]:
        """Start to load Younium into a target.

        Args:
            younium: What is read.
            target: `csv`, `duckdb`, `jsonl` or `postgres`.
            into: The schema in PostgreSQL, the folder of the files, or the file of DuckDB if it
                ends with `.duckdb`. Each has a state.
            settings: Of the tap; `_select` is Meltano's, by default every table.
        """
        given = config_of(younium, **{"_select": ["*.*"]} | settings)
        file = {"TARGET_DUCKDB_FILEPATH": into} if into.endswith(".duckdb") else {}
        # A run that was killed would have the next one wait for minutes: hence the force.
        options = ("--force", "--state-id-suffix", Path(into).name)
        return self.start(
            *("run", *options, "tap-younium", f"target-{target}"),
            TARGET_CSV_OUTPUT_PATH=into,
            TARGET_JSONL_DESTINATION_PATH=into,
            TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=into,
            **file,
            **{
                f"TAP_YOUNIUM_{name.upper()}": it if isinstance(it, str) else json.dumps(it)
                for name, it in given.items()
            },
        )


def well(process: subprocess.Popen[str]) -> None:
    """Wait for a process that must succeed."""
    with process:
        log, _ = process.communicate()
    assert process.returncode == 0, log[-5000:]
