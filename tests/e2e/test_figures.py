"""Revenue after orders have changed: the shown queries in PostgreSQL, and the dbt models."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from figures import CURRENT, ENTITIES, RECIPES, SCENARIOS, TABLES, ends, subjects
from loading import load
from pages import ROOT, blocks
from singer import Younium, config_of, run

from e2e.conftest import missing
from e2e.places import DuckDB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from singer import Output, Row

    from e2e.places import PostgreSQL, Project


def changes(younium: Younium) -> Iterator[None]:
    """Prepare all scenarios, each in an order of its own, then let them happen."""
    cast = list(zip(SCENARIOS, subjects(younium), strict=False))
    assert len(cast) == len(SCENARIOS)
    for scenario, order in cast:
        scenario.before(order)
    yield
    for scenario, order in cast:
        scenario.change(order)
    yield


def test_the_queries_in_postgresql(project: Project, postgres: PostgreSQL) -> None:
    incremental, full = (replace(postgres, schema=name) for name in ("figures", "figures_full"))
    select = [f"{table}.*" for table in TABLES]
    with Younium(accounts=6, entities=ENTITIES) as younium:
        for _ in changes(younium):
            project.load(younium, "postgres", incremental.schema, _select=select)
        project.load(younium, "postgres", full.schema, _select=select)
        for database in (incremental, full):
            database.execute(CURRENT.replace("younium.", f"{database.schema}."))
        for query in RECIPES:
            found, expected = (
                database.rows(query.sql.replace("younium.", f"{database.schema}."))
                for database in (incremental, full)
            )
            assert query.total(found) == pytest.approx(float(query.by_hand(younium)), abs=0.5)
            assert sorted(found, key=str) == sorted(expected, key=str), query.name


def test_the_dbt_models(tmp_path: Path) -> None:
    with Younium(accounts=6, entities=ENTITIES) as younium:
        outputs: list[Output] = []
        for _ in changes(younium):
            state = outputs[-1].state if outputs else None
            outputs.append(run(config_of(younium), select=TABLES, state=state).well())
        found = mrr(tmp_path / "incremental", *outputs)
        assert found == mrr(tmp_path / "full", run(config_of(younium), select=TABLES).well())
        last = max(row["month"] for row in found)
        total = sum(row["mrr_in_base_currency"] for row in found if row["month"] == last)
        assert float(total) == pytest.approx(float(ends(younium)), abs=0.5)


def mrr(folder: Path, *outputs: Output) -> list[Row]:
    """The rows of the model `mrr`, built and tested by the command of docs/analytics.md."""
    if not (uvx := shutil.which("uvx")):
        missing("dbt is run through uvx, which is not there: pip install uv")
    folder.mkdir()
    file = folder / "it.duckdb"
    load(*outputs, file=file).close()
    (command,) = (it.text for it in blocks("sh") if "dbt --warn-error build" in it.text)
    places = {"YOUNIUM_DUCKDB": file, "DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder}
    done = subprocess.run(
        [uvx, *shlex.split(command.replace("\\\n", " "))[1:]],
        cwd=ROOT,
        env=os.environ | {name: str(place) for name, place in places.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    return DuckDB(file, "analytics").rows("SELECT * FROM mrr ORDER BY mrr_key")
