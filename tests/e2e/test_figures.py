"""Figures after changes of orders and journals: queries in PostgreSQL, dbt there and in DuckDB."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from figures import CURRENT, ENTITIES, RECIPES, SCENARIOS, TABLES, ends, subjects, withdraw
from loading import load
from pages import ROOT, blocks
from singer import Younium, config_of, run

from e2e.conftest import missing
from e2e.places import DuckDB

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from singer import Output, Row

    from e2e.places import Database, PostgreSQL, Project


@dataclass
class Loads:
    """What is in two places, of which the second was loaded in full after the changes."""

    younium: Younium
    incremental: Database
    full: Database


def changes(younium: Younium) -> Iterator[None]:
    """Prepare all scenarios, each in its own orders, then apply them."""
    orders = [*subjects(younium)[: len(SCENARIOS)], *younium.rows("SalesOrders", ENTITIES[0])[:1]]
    cast = list(zip([*SCENARIOS, SCENARIOS[1]], orders, strict=True))
    for scenario, order in cast:
        scenario.before(order)
    yield
    for scenario, order in cast:
        scenario.change(order)
    withdraw(younium.rows("Journals", ENTITIES[0])[0])
    yield


@pytest.fixture(scope="module")
def in_postgresql(project: Project, postgres: PostgreSQL) -> Iterator[Loads]:
    incremental, full = (replace(postgres, schema=name) for name in ("figures", "figures_full"))
    select = [f"{table}.*" for table in TABLES]
    with Younium(accounts=6, entities=ENTITIES) as younium:
        for _ in changes(younium):
            project.load(younium, "postgres", incremental.schema, _select=select)
        project.load(younium, "postgres", full.schema, _select=select)
        for database in (incremental, full):
            database.execute(CURRENT.replace("younium.", f"{database.schema}."))
        yield Loads(younium, incremental, full)


@pytest.fixture(scope="module")
def in_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loads]:
    folder = tmp_path_factory.mktemp("figures")
    incremental, full = (DuckDB(folder / f"{name}.duckdb") for name in ("incremental", "full"))
    with Younium(accounts=6, entities=ENTITIES) as younium:
        outputs: list[Output] = []
        for _ in changes(younium):
            state = outputs[-1].state if outputs else None
            outputs.append(run(config_of(younium), select=TABLES, state=state).well())
        load(*outputs, file=incremental.file).close()
        load(run(config_of(younium), select=TABLES).well(), file=full.file).close()
        yield Loads(younium, incremental, full)


def test_the_queries_in_postgresql(in_postgresql: Loads) -> None:
    for query in RECIPES:
        found, expected = (
            database.rows(query.sql.replace("younium.", f"{database.schema}."))
            for database in (in_postgresql.incremental, in_postgresql.full)
        )
        by_hand = float(query.by_hand(in_postgresql.younium))
        assert query.total(found) == pytest.approx(by_hand, abs=0.5)
        assert sorted(found, key=str) == sorted(expected, key=str), query.name


@pytest.mark.parametrize("loads", ["in_duckdb", "in_postgresql"])
def test_the_dbt_models(loads: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    it: Loads = request.getfixturevalue(loads)
    found = mrr(it.incremental, tmp_path)
    assert found == mrr(it.full, tmp_path)
    last = max(row["month"] for row in found)
    total = sum(row["mrr_in_base_currency"] for row in found if row["month"] == last)
    assert float(total) == pytest.approx(float(ends(it.younium)), abs=0.5)


def mrr(database: Database, folder: Path) -> list[Row]:
    """The rows of the model `mrr`, built and tested by the command of docs/analytics.md."""
    if not (uvx := shutil.which("uvx")):
        missing("dbt is run through uvx, which is not there: pip install uv")
    (command,) = (it.text for it in blocks("sh") if "dbt --warn-error build" in it.text)
    settings = {
        **database.settings,
        "YOUNIUM_SCHEMA": database.schema,
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(folder),
    }
    done = subprocess.run(
        [uvx, *shlex.split(command.replace("\\\n", " "))[1:], "--target", database.target],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    return replace(database, schema="analytics").rows("SELECT * FROM mrr ORDER BY mrr_key")
