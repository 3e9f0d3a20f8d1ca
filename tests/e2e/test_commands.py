"""The commands in README and the site that run Meltano succeed, in the order of the pages."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pages import commands
from singer import config_of

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.places import PostgreSQL, Project

ENTITIES = ("Nordic AB", "Läkarö & Söner")


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Simulator(accounts=4, entities=ENTITIES) as found:
        yield found


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("commands") / "prod.duckdb"


def shell(
    command: str, younium: Simulator, project: Project, database: Path, postgres: PostgreSQL
) -> str:
    """Run a command line in the project, with the settings of a `.env`; return its output."""
    settings: dict[str, Any] = config_of(younium)
    others = ("MELTANO_", "PG", "TAP_", "TARGET_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    ours = {
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "TARGET_DUCKDB_FILEPATH": str(database),
        "TARGET_POSTGRES_HOST": "127.0.0.1",
        "TARGET_POSTGRES_PORT": str(postgres.port),
        "TARGET_POSTGRES_USER": postgres.user,
        "TARGET_POSTGRES_PASSWORD": postgres.password,
        "TARGET_POSTGRES_DATABASE": "postgres",
        **{
            f"TAP_YOUNIUM_{name.upper()}": it if isinstance(it, str) else json.dumps(it)
            for name, it in settings.items()
        },
    }
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=project.folder,
        env=kept | ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


@pytest.mark.parametrize("command", commands(meltano=True))
def test_a_command_succeeds(
    command: str, younium: Simulator, project: Project, database: Path, postgres: PostgreSQL
) -> None:
    file = project.folder / "meltano.yml"
    text = file.read_text()
    shell(command, younium, project, database, postgres)
    file.write_text(text)  # some select streams


def test_a_backfill_keeps_the_other_bookmarks(
    younium: Simulator, project: Project, database: Path, postgres: PostgreSQL
) -> None:
    """And reads the whole past of the named streams."""
    (backfill,) = (it for it in commands(meltano=True) if "--merge-state" in it)
    (run,) = (it for it in commands(meltano=True) if " prod run tap-younium target-duckdb" in it)
    shell(run, younium, project, database, postgres)
    younium.clear()
    shell(backfill, younium, project, database, postgres)
    assert {seen.path for seen in younium.requests if seen.method == "GET"} >= {"/Invoices"}
    asked = [seen for seen in younium.requests if seen.path == "/Invoices"]
    assert "ModifiedAfter" not in asked[0].query
    younium.clear()
    shell(run, younium, project, database, postgres)
    asked = [seen for seen in younium.requests if seen.path in {"/Accounts", "/Invoices"}]
    assert asked
    assert all("ModifiedAfter" in seen.query for seen in asked)
