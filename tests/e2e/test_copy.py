"""`loaders/target-postgres-copy` writes what target-postgres writes, value by value."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.places import PostgreSQL, Project

COPY = "target-postgres-copy"
NAME = 'Ö "new" %s'
COLUMNS: dict[str, Any] = {
    "id": {"type": "string"},
    "number": {"type": ["number", "null"]},
    "integer": {"type": ["integer", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "text": {"type": ["string", "null"]},
    "anything": {},
    "date": {"type": ["string", "null"], "format": "date"},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "uuid": {"type": ["string", "null"], "format": "uuid"},
    "object": {"type": ["object", "null"], "properties": {}},
    "objects": {"type": ["array", "null"], "items": {"type": "object", "properties": {}}},
    "texts": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    "record": {"type": ["string", "null"]},
    NAME: {"type": ["string", "null"]},
}
LONG = "12345678901234567890123456789.12345678901234567890123456789000"
TEXTS = [
    "",
    "null",
    r"\N",
    r"\.",
    "\\",
    "a\tb\nc\rd\x01\x02\x7f",
    '"',
    "ö \u2028 \U0001f40d",
    r"\u0000",
]
VALUES: dict[str, list[str]] = {
    "number": ["null", "0", "-0.0", "0.10", "1e3", "1.5E-7", LONG, f"-{LONG}"],
    "integer": ["null", "0", "-9223372036854775808", "9223372036854775807"],
    "boolean": ["null", "true", "false"],
    "text": ["null", *map(json.dumps, TEXTS), '"\\u00f6\\/"', '"ö"'],
    "anything": ["null", '"1"', "1.50", '{"a": [1.50, "\\u00f6"]}'],
    "date": ["null", '"2024-02-29"'],
    "time": [
        "null",
        '"2024-01-31T00:00:00Z"',
        '"2024-07-01T12:00:00.123456+02:00"',
        '"1900-01-01"',
    ],
    "uuid": ["null", '"0B5C3A60-0000-4000-8000-0000000000AB"'],
    "object": ["null", "{}", f'{{"a": {LONG}, "b": {{"c": null}}, "d": "\\\\\\"\\t"}}'],
    "objects": ["null", "[]", f'[{{"a": {LONG}, "b": "\\\\\\",}}"}}, {{}}]'],
    "record": ['"incoming"'],
    NAME: ['"ö"'],
    "texts": ["null", "[]", '["", null, "null", "a,b", "{\\"\\\\}"]'],
}
"""Values of each column, as JSON."""


Lines = list[str]


@dataclass(frozen=True)
class Stream:
    """Writes the messages of a stream."""

    name: str
    keys: tuple[str, ...] = ("id",)

    def schema(self, **more: Any) -> str:
        message = {"type": "SCHEMA", "stream": self.name, "key_properties": self.keys}
        return json.dumps(message | {"schema": {"type": "object", "properties": COLUMNS | more}})

    def record(self, key: str, values: str, version: int = 1) -> str:
        return (
            f'{{"type": "RECORD", "stream": "{self.name}", "version": {version}, '
            f'"time_extracted": "2024-01-01T00:00:00Z", "record": {{"id": "{key}", {values}}}}}'
        )

    def records(self) -> Lines:
        """Each value in a row of its own."""
        rows = [
            f"{json.dumps(name)}: {value}" for name, values in VALUES.items() for value in values
        ]
        return [self.record(f"row {number}", row) for number, row in enumerate(rows)]

    def activate(self, version: int) -> str:
        return f'{{"type": "ACTIVATE_VERSION", "stream": "{self.name}", "version": {version}}}'


def runs() -> tuple[Lines, Lines]:
    """The messages of two runs, with a stream for each thing that can happen."""
    values, keyless = Stream("values"), Stream("keyless", ())
    upserts, versions, columns = Stream("upserts"), Stream("versions"), Stream("columns")
    first = [
        *(values.schema(), *values.records()),
        *(keyless.schema(), *keyless.records()[:3]),
        *(upserts.schema(), upserts.record("a", '"number": 1, "text": "old"')),
        *(upserts.record("ö", '"number": 1'), upserts.record("\\u00f6", '"text": "twice"')),
        *(
            versions.schema(),
            versions.record("a", '"number": 1'),
            versions.record("b", '"date": null'),
        ),
        *(columns.schema(), *columns.records()[:3], columns.schema(late={"type": "object"})),
        columns.record("late", '"late": {}'),
    ]
    second = [
        *(keyless.schema(), *keyless.records()[:3]),
        *(
            upserts.schema(),
            upserts.record("a", '"text": "new"'),
            upserts.record("b", '"number": 2'),
        ),
        *(versions.schema(), versions.record("b", '"number": 2', version=2), versions.activate(2)),
        columns.schema(added={"type": ["number", "null"]}),
        columns.record("row 1", f'"added": {LONG}'),
        STATE,
    ]
    return [*first, STATE], second


STATE = '{"type": "STATE", "value": {"bookmarks": {"values": 1}}}'
DIFFERING = ("_sdc_received_at", "_sdc_batched_at", "_sdc_sequence", "_sdc_sync_started_at")


def command(project: Project, program: str, into: str, **settings: Any) -> list[str | Path]:
    """What runs a loader with these settings."""
    place = project.postgres
    config = project.folder / "copy.json"
    config.write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": place.port,
                "user": place.user,
                "password": place.password,
                "database": "postgres",
                "default_target_schema": into,
                "validate_records": False,
            }
            | settings
        )
    )
    programs = project.folder / ".meltano/loaders/target-postgres/venv/bin"
    return [programs / program, "--config", config]


def load(
    project: Project, program: str, into: str, lines: list[str], **settings: Any
) -> subprocess.CompletedProcess[str]:
    """What a loader answers to these lines."""
    return subprocess.run(
        command(project, program, into, **settings),
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
        env={},  # so that times are in the server's time zone
    )


def contents(place: PostgreSQL, into: str) -> dict[str, Any]:
    """The columns of each table with their types, and its rows as text, digit for digit."""
    found: dict[str, Any] = {}
    for it in place.rows(
        "SELECT table_name AS table, column_name AS name, udt_name AS type, is_nullable "
        f"FROM information_schema.columns WHERE table_schema = '{into}' ORDER BY ordinal_position"
    ):
        found.setdefault(it["table"], []).append(it)
    for table, columns in found.items():
        names = ['"' + it["name"].replace('"', '""') + '"' for it in columns]
        kept = [name for name in names if name.strip('"') not in DIFFERING]
        rows = ", ".join(kept).replace('"_sdc_deleted_at"', '"_sdc_deleted_at" IS NULL')
        text = replace(place, schema=into).execute(
            f"SELECT row({rows})::text FROM {table} ORDER BY 1"
        )
        columns.append(text.decode())
    return found


def test_it_writes_what_target_postgres_writes(project: Project) -> None:
    found = []
    for program, into in (("target-postgres", "inserted"), (COPY, "copied")):
        for lines in runs():
            done = load(project, program, into, lines)
            assert (done.returncode, done.stdout) == (
                0,
                f"{json.loads(STATE)['value']}\n".replace("'", '"'),
            )
        found.append(contents(project.postgres, into))
    assert found[0].keys() == {"values", "keyless", "upserts", "versions", "columns"}
    for table, rows in found[0].items():
        assert found[1][table] == rows, table


def test_arrays_of_anything_have_one_dimension(project: Project) -> None:
    """target-postgres refuses some."""
    stream = Stream("arrays")
    values = ["[[1, 2], [3]]", "[1, [2]]", "[null, {}]", "[]", "null"]
    rows = [stream.record(str(number), f'"all": {it}') for number, it in enumerate(values)]
    column = {"type": ["array", "null"], "items": {}}
    assert not load(project, COPY, "arrays", [stream.schema(all=column), *rows]).returncode
    found = replace(project.postgres, schema="arrays").rows('SELECT "all" FROM arrays ORDER BY id')
    assert [row["all"] for row in found] == [json.loads(it) for it in values]


@pytest.mark.parametrize(
    "settings",
    [
        {"validate_records": True},
        {"stream_maps": {"values": {"id": "id"}}},
    ],
    ids=str,
)
def test_settings_that_need_decoded_rows_change_no_value(
    settings: dict[str, Any], project: Project
) -> None:
    stream = Stream("values")
    # an object in a column without a type is text, as the tap spells it
    rows = [row for row in stream.records() if '"anything": {' not in row]
    lines = [stream.schema(), *rows]
    for into, given in (("undecoded", {}), ("decoded", settings)):
        assert not load(project, COPY, into, lines, **given).returncode
    first, second = (contents(project.postgres, into) for into in ("undecoded", "decoded"))
    assert first == second


def test_a_nul_fails_the_batch_or_is_replaced(project: Project) -> None:
    """PostgreSQL has no such character."""
    stream = Stream("nul")
    nul = r'"\u0000 \\u0000 \\\u0000"'
    row = stream.record("b", f'"text": {nul}, "object": {{"a": {nul}}}')
    lines = [stream.schema(), stream.record("a", '"number": 1'), row, STATE]
    done = load(project, COPY, "nul", lines)
    place = replace(project.postgres, schema="nul")
    assert (done.returncode, done.stdout) == (1, "")
    assert place.rows("SELECT * FROM nul") == []
    assert not load(project, COPY, "nul", lines, sanitize_null_text_characters=True).returncode
    text = "\ufffd \\u0000 \\\ufffd"
    (found,) = place.rows("SELECT text, object FROM nul WHERE id = 'b'")
    assert found == {"text": text, "object": {"a": text}}


def test_no_state_is_printed_for_rows_whose_batch_a_signal_interrupts(project: Project) -> None:
    stream, place = Stream("slow"), replace(project.postgres, schema="interrupted")
    assert not load(project, COPY, place.schema, [stream.schema()]).returncode
    place.execute(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';"
        "CREATE TRIGGER wait BEFORE INSERT ON slow EXECUTE FUNCTION wait()"
    )
    row = stream.record("a", '"number": 1')
    lines = [stream.schema(), row, STATE, row]  # the second row fills the batch
    with subprocess.Popen(
        command(project, COPY, place.schema, batch_size_rows=2),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={},
    ) as loader:
        assert loader.stdin
        loader.stdin.writelines(f"{line}\n" for line in lines)
        loader.stdin.flush()
        while not place.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            assert loader.poll() is None
            time.sleep(0.05)
        loader.terminate()
        assert loader.communicate()[0] == ""
    assert place.rows("SELECT * FROM slow") == []


@pytest.mark.parametrize(
    "setting",
    [{"interpret_content_encoding": True}, {"dialect+driver": "postgresql+psycopg2"}],
    ids=str,
)
def test_settings_that_it_does_not_support_are_refused(
    setting: dict[str, Any], project: Project
) -> None:
    done = load(project, COPY, "refused", [Stream("refused").schema(), STATE], **setting)
    assert done.returncode
    assert not done.stdout
    assert "Use target-postgres for" in done.stderr
