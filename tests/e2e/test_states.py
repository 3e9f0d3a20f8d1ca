"""DuckDB's loader prints no state before the rows that the state covers are stored."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from e2e.places import DuckDB

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.places import Project

COLUMNS = {"id": {"type": "string"}, "name": {"type": "string"}}


def test_a_state_of_a_loader_that_fails_covers_only_stored_rows(
    project: Project, tmp_path: Path
) -> None:
    database = DuckDB(tmp_path / "rows.duckdb")
    sizes = {"FILEPATH": str(database.file), "BATCH_SIZE_ROWS": "2"}
    dump = project.start(
        *("invoke", "--dump=config", "target-duckdb"),
        **{f"TARGET_DUCKDB_{name}": value for name, value in sizes.items()},
    )
    output, _ = dump.communicate()
    config = tmp_path / "config.json"
    config.write_text(output[output.index("{") :])
    lines = [
        *stream("accounts", 1),
        {"type": "STATE", "value": {"bookmarks": {"accounts": {"replication_key_value": "1"}}}},
        *stream("invoices", 2),
    ]
    done = subprocess.run(
        [
            project.folder / ".meltano/loaders/target-duckdb/venv/bin/target-duckdb-whole",
            *("--config", config),
        ],
        input="\n".join([*map(json.dumps, lines), "no JSON"]),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "accounts" in json.loads(done.stdout)["bookmarks"]
    assert len(database.rows("SELECT * FROM accounts")) == 1
    assert len(database.rows("SELECT * FROM invoices")) == 2


def stream(name: str, rows: int) -> list[dict[str, Any]]:
    """The SCHEMA message and the rows of a stream."""
    schema = {"type": "object", "properties": COLUMNS}
    return [
        {"type": "SCHEMA", "stream": name, "schema": schema, "key_properties": ["id"]},
        *(
            {"type": "RECORD", "stream": name, "record": {"id": str(number), "name": "A"}}
            for number in range(rows)
        ),
    ]
