"""A run of Meltano for each legal entity loads what one run for all of them loads."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from singer import config_of

from e2e.places import well
from simulator import Simulator

if TYPE_CHECKING:
    from e2e.places import PostgreSQL, Project

SCRIPT = Path(__file__).parents[2] / "examples/scale/meltano.sh"
ENTITIES = ("Nordic AB", "Läkarö & Söner")
TABLES = {"accounts", "countries", "invoices", "subscriptions", "subscription_charges"}


def test_runs_with_separate_states_load_what_one_run_loads(
    project: Project, postgres: PostgreSQL, tmp_path: Path
) -> None:
    meltano = tmp_path / "meltano"
    meltano.write_text(f'#!/bin/sh\nexec {shlex.join(project.command)} "$@"\n')
    meltano.chmod(0o755)
    select = [f"{table}.*" for table in TABLES]
    with Simulator(accounts=8, entities=ENTITIES) as younium:
        project.load(younium, "postgres", "at_once", _select=select)
        settings = config_of(younium, _select=select)
        del settings["legal_entities"]
        environment = {
            f"TAP_YOUNIUM_{name.upper()}": it if isinstance(it, str) else json.dumps(it)
            for name, it in settings.items()
        }
        split = replace(project, command=["bash", str(SCRIPT)])
        for _ in range(2):  # the first load is one by one, the next all at once
            process = split.start(
                "target-postgres",
                *ENTITIES,
                PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
                TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA="in_parts",
                YOUNIUM_FOLDER=str(tmp_path),
                **environment,
            )
            well(process)
    one, parts = (tables(replace(postgres, schema=name)) for name in ("at_once", "in_parts"))
    assert set(one) == TABLES
    assert one == parts


def tables(database: PostgreSQL) -> dict[str, list[str]]:
    """The rows of each table, without the times of the load."""
    found = database.rows(
        "SELECT table_name AS table FROM information_schema.tables"
        f" WHERE table_schema = '{database.schema}'"
    )
    rows = {}
    for table in (row["table"] for row in found):
        loaded = database.rows(f'SELECT * FROM "{table}"')
        own = [
            {name: it for name, it in row.items() if name[:5] != "_sdc_" and name != "_read_at"}
            for row in loaded
        ]
        rows[table] = sorted(json.dumps(row, default=str, sort_keys=True) for row in own)
    return rows
