"""What the tests of real targets run and read: Meltano, and the databases where rows arrive."""

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
from singer import config_of

if TYPE_CHECKING:
    from singer import Row

    from simulator import Simulator

decode = partial(json.loads, parse_float=Decimal)
"""Decodes JSON and loses no digit."""


def kind_of(column: Row) -> str:
    """What a SCHEMA says that a column holds: its format or else its type, `null` aside."""
    types = column["type"] if isinstance(column["type"], list) else [column["type"]]
    return str(column.get("format") or next(each for each in types if each != "null"))


@dataclass(frozen=True)
class PostgreSQL:
    """A schema on a server, read through the server's own client. It keeps every digit."""

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

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query; times as text."""
        environment = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
            "PGCLIENTENCODING": "UTF8",
            "PGOPTIONS": f"--search_path={self.schema}",
        }
        query = f"SELECT coalesce(json_agg(found), '[]') FROM ({sql}) AS found"  # noqa: S608
        command = [self.psql, "--no-psqlrc", "--tuples-only", "--no-align", "--command", query]
        answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        found: list[Row] = decode(answer.stdout)
        return found

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
    """A file. The loader keeps numbers as DOUBLE and empty text as NULL, and asks for no case."""

    file: Path
    schema: str = "younium"

    types: ClassVar = {
        "array": "JSON",
        "boolean": "BOOLEAN",
        "date-time": "TIMESTAMP",
        "integer": "HUGEINT",
        "number": "DOUBLE",
        "object": "JSON",
        "string": "VARCHAR",
        "uuid": "VARCHAR",
    }
    length: ClassVar = "json_array_length"

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

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start Meltano, in a group of processes of its own, with these settings and no others."""
        ours = ("TAP_", "TARGET_", "MELTANO_", "PG")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment = {
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_ENVIRONMENT": "prod",
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": str(self.postgres.port),
            "TARGET_POSTGRES_USER": self.postgres.user,
            "TARGET_POSTGRES_PASSWORD": self.postgres.password,
            "TARGET_POSTGRES_DATABASE": "postgres",
        }
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.folder,
            env=inherited | environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def meltano(self, *arguments: str, **settings: str) -> None:
        """Run Meltano, which must go well."""
        with self.start(*arguments, **settings) as process:
            log, _ = process.communicate()
        assert process.returncode == 0, log[-5000:]

    def load(
        self, younium: Simulator, target: str, into: str, *options: str, **settings: Any
    ) -> None:
        """Read Younium into a target, all tables.

        Args:
            younium: What is read.
            target: Its name, less `target-`.
            into: The schema in PostgreSQL, or the folder of the JSONL files.
            options: Of `meltano run`.
            settings: Of the tap.
        """
        given = {
            f"TAP_YOUNIUM_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in config_of(younium, **settings).items()
        }
        self.meltano(
            *("run", *options, "tap-younium", f"target-{target}"),
            TAP_YOUNIUM__SELECT='["*.*"]',
            TARGET_JSONL_DESTINATION_PATH=into,
            TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=into,
            **given,
        )
