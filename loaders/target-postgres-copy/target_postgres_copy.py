# ruff: noqa: INP001 - a package with one module, separate from the tap's
"""Runs target-postgres 0.8.1 with a faster way to write the same rows.

That release decodes each row and sends its values as parameters of an INSERT, which takes most of
the time of a load. Its setting `use_copy` rounds numbers to DOUBLE. Here, COPY sends rows as the
JSON that the tap wrote, and PostgreSQL converts them to columns. Tables, types, settings and
versions are target-postgres's own.
"""

from __future__ import annotations

import re
import sys
from typing import IO, Any, Final, TypedDict

import msgspec
from msgspec import Raw
from psycopg.sql import Identifier
from singer_sdk.contrib.msgspec import MsgSpecReader, decoder, encoder
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.singerlib.encoding.base import GenericSingerReader
from target_postgres.sinks import PostgresSink
from target_postgres.target import TargetPostgres

_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL, and not an escaped backslash before `u0000`."""


class _Message(TypedDict, total=False):
    """A Singer message. The values of a record stay JSON."""

    type: str
    stream: str
    record: dict[str, Raw]
    time_extracted: Any
    version: Any
    schema: Any
    key_properties: Any
    value: Any
    encoding: Any
    manifest: Any


class _Reader(GenericSingerReader[bytes]):
    default_input: IO[bytes] = sys.stdin.buffer
    _decoder = msgspec.json.Decoder(_Message)

    def deserialize_json(self, line: bytes) -> Any:
        return self._decoder.decode(line)


def _unsupported(what: str) -> ConfigValidationError:
    # The SDK logs only `errors`.
    return ConfigValidationError(what, errors=[f"Use target-postgres for {what}."])


class _Column:
    """A column in the statement that writes rows."""

    def __init__(self, column: Any, dialect: Any) -> None:
        self.name = Identifier(column.name).as_string()
        self.read_as = kind = column.type.compile(dialect)
        self.value = f"new.{self.name}"
        if kind == "JSONB":  # JSON's null, as target-postgres writes it
            self.value = f"coalesce({self.value}, 'null')"
        elif kind == "JSONB[]":  # of one dimension, whatever the elements are
            self.read_as = "json"
            elements = f"SELECT it.value::jsonb FROM json_array_elements({self.value}) AS it"  # noqa: S608
            self.value = f"CASE WHEN {self.value} IS NOT NULL THEN ARRAY({elements}) END"
        elif " WITHOUT " in kind:  # PostgreSQL ignores the zone in the text of a time without one
            self.read_as = kind.replace(" WITHOUT ", " WITH ")
            self.value += f"::{kind}"


class CopySink(PostgresSink):
    """Collects the rows of a table as JSON, and writes them with COPY."""

    def setup(self) -> None:
        """Create the table or its new columns, and the statement that writes rows into it."""
        super().setup()
        with self.connector._connect() as connection:  # noqa: SLF001 - as target-postgres does
            table = self.connector.get_table_columns(self.schema_name, self.table_name, connection)
        if connection.dialect.driver != "psycopg":
            raise _unsupported("drivers other than psycopg")
        columns = [_Column(table[name], connection.dialect) for name in self.schema["properties"]]
        names = [column.name for column in columns]
        target = Identifier(*filter(None, (self.schema_name, self.table_name))).as_string()
        self._write = (
            f"INSERT INTO {target} ({', '.join(names)}) "  # noqa: S608 - all names are quoted
            f"SELECT {', '.join(column.value for column in columns)} "
            "FROM pg_temp.incoming, json_to_record(incoming.record) "
            f"AS new ({', '.join(f'{column.name} {column.read_as}' for column in columns)})"
        )
        if self.key_properties:
            keys = ", ".join(Identifier(name).as_string() for name in self.key_properties)
            changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
            self._write += f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"

    def _parse_timestamps_in_record(self, *_: Any, **__: Any) -> None:
        """Leave times to PostgreSQL. The SDK has no public method for this."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Keep a row; of rows with the same primary key, the last."""
        rows = context.setdefault("rows", {})
        key = tuple([decoder.decode(encoder.encode(record[key])) for key in self.key_properties])
        row = encoder.encode(record)
        if self.connector.sanitize_null_text_characters:
            row = _NUL.sub(rb"\1\\ufffd", row)
        rows[key or len(rows)] = row

    def process_batch(self, context: dict[str, Any]) -> None:
        """Write the rows in one transaction."""
        if "records" in context:  # of a BATCH message
            context["rows"] = {}
            for record in context.pop("records"):
                self.process_record(record, context)
        # There are none if a signal interrupts this method: the SDK then calls it again. It must
        # fail, or the SDK prints a state that includes the rows of the interrupted call.
        rows = context["rows"]
        with self.connector._connect() as connection, connection.begin():  # noqa: SLF001
            cursor = connection.connection.cursor()
            cursor.execute(
                "CREATE TEMPORARY TABLE incoming (record json) ON COMMIT DROP;"
                "ALTER TABLE incoming ALTER record SET STORAGE EXTERNAL"  # do not compress
            )
            # JSON has none of these characters, so a line needs no escapes.
            characters = r"DELIMITER E'\1', QUOTE E'\2'"
            with cursor.copy(
                f"COPY pg_temp.incoming FROM STDIN (FORMAT csv, ENCODING 'UTF8', {characters})"
            ) as copy:
                for row in rows.values():
                    copy.write(row + b"\n")
            cursor.execute(self._write)


class TargetPostgresCopy(TargetPostgres):
    """target-postgres with `CopySink`."""

    default_sink_class = CopySink
    message_reader_class = _Reader

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.config.get("interpret_content_encoding"):
            raise _unsupported("interpret_content_encoding")
        needs_values = ("validate_records", "stream_maps", "flattening_enabled")
        if any(self.config.get(name) for name in needs_values):
            self.message_reader = MsgSpecReader()
