"""One truth for revenue: every query and model, in DuckDB and PostgreSQL, gives the same figures.

`uv run pytest -n0 tests/e2e/test_figures.py` prints the table.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlglot
from figures import (
    ENTITIES,
    FIGURES,
    MEASURES,
    MODELS,
    RECIPES,
    SCENARIOS,
    SWITCHES,
    TABLES,
    TODAY,
    charges,
    draft,
    subjects,
    withdraw,
)
from loading import load
from pages import ROOT, blocks
from singer import Younium, catalog, config_of, metadata_of, run, table_of
from test_arrays import ARRAYS

from e2e.conftest import missing
from e2e.places import DuckDB
from simulator import queries
from simulator.filling import identifier
from upkeep import figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from figures import Query
    from singer import Row

    from e2e.places import Database, PostgreSQL, Project
    from simulator import Simulator

PAGE_OF_ARRAYS = (ROOT / "docs/recipes/arrays.md").read_text(encoding="utf-8")
CENT = Decimal("0.01")


@dataclass
class Place:
    """A database with the tables, one loaded in two runs and one in full after the changes."""

    incremental: Database
    full: Database


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Younium(accounts=12, entities=ENTITIES) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def places(
    younium: Simulator,
    project: Project,
    postgres: PostgreSQL,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Place]:
    """The same data in both, loaded by the real targets: by two runs, and by one after both."""
    folder = tmp_path_factory.mktemp("figures")
    duck = Place(DuckDB(folder / "incremental.duckdb"), DuckDB(folder / "full.duckdb"))
    elephant = Place(*(replace(postgres, schema=name) for name in ("figures", "figures_full")))
    select = [f"{table}.*" for table in TABLES]

    def run_both(into: str) -> None:
        project.load(younium, "duckdb", str(getattr(duck, into).file), _select=select)
        project.load(younium, "postgres", getattr(elephant, into).schema, _select=select)

    for _ in changes(younium):
        run_both("incremental")
    run_both("full")
    return {"DuckDB": duck, "PostgreSQL": elephant}


def changes(younium: Simulator) -> Iterator[None]:
    """Prepare all scenarios, each in its own order, then apply them."""
    cast = list(zip(SCENARIOS, subjects(younium), strict=False))
    for scenario, order in cast:
        scenario.before(order)
    yield
    for scenario, order in cast:
        scenario.change(order)
    withdraw(younium.rows("Journals", ENTITIES[0])[0])
    yield


Answers = dict[str, dict[str, list["Row"]]]
"""The rows of each query, by the way to them."""


@pytest.fixture(scope="module")
def answers(places: dict[str, Place], tmp_path_factory: pytest.TempPathFactory) -> Answers:
    found: Answers = {}
    for name, place in places.items():
        for database, kind in ((place.full, "dbt, full, "), (place.incremental, "dbt, ")):
            build(database, tmp_path_factory.mktemp("dbt"))
            found[f"{kind}{name}"] = ask(database, "analytics")
        create_views(place.incremental)
        found[f"SQL, {name}"] = ask(place.incremental, "figures_views")
        found[f"demo, {name}"] = ask(place.incremental, "figures_views", demo=True)
    return found


def ask(database: Database, schema: str, *, demo: bool = False) -> dict[str, list[Row]]:
    """The rows of each query."""
    asked = {it.name: it.demo if demo else it.sql for it in [*RECIPES, *MODELS]}
    return {name: database.rows(_in(sql, database, schema)) for name, sql in asked.items() if sql}


def create_views(database: Database) -> None:
    """Execute examples/figures.sql, as of the day of dbt's figures."""
    sql = _in(FIGURES, database, "figures_views")
    if isinstance(database, DuckDB):
        with duckdb.connect(str(database.file)) as connection:
            connection.execute(sql)
    else:
        database.execute(sql)


def _in(sql: str, database: Database, schema: str) -> str:
    sql = sql.replace("analytics", schema)
    return sql.replace(" younium.", f" {database.schema}.")


def build(database: Database, folder: Path, **more: Any) -> None:
    """Build and test the models by the command of docs/analytics.md."""
    if not (uvx := shutil.which("uvx")):
        missing("dbt is run through uvx, which is not there: pip install uv")
    (command,) = (it.text for it in blocks("sh") if "dbt --warn-error build" in it.text)
    variables = json.dumps({"younium_schema": database.schema, "younium_as_of": str(TODAY)} | more)
    arguments = [uvx, *shlex.split(command.replace("\\\n", " "))[1:], "--vars", variables]
    ours = {"DBT_TARGET_PATH": str(folder), "DBT_LOG_PATH": str(folder)}
    done = subprocess.run(
        [*arguments, "--target", database.target],
        cwd=ROOT,
        env=os.environ | database.settings | ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


def test_every_way_gives_the_same_figures(
    answers: Answers, younium: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = ["by hand", *answers]
    table = []
    for query in [*RECIPES, *MODELS]:
        found = {
            way: query.total(them[query.name])
            for way, them in answers.items()
            if query.name in them
        }
        rows = len(next(iter(answers.values()))[query.name])
        if query.by_hand:
            found["by hand"] = query.by_hand(younium)
        table.append((query, rows, found))
    with capsys.disabled():
        show(ways, table)
    differing = [query.name for query, rows, found in table if differs(found, rows)]
    assert not differing


def differs(found: dict[str, Decimal], rows: int) -> bool:
    """Whether figures differ by a cent; by hand, half a cent is lost where a row is rounded."""
    computed = {round(figure, 2) for way, figure in found.items() if way != "by hand"}
    by_hand = found.get("by hand", min(computed))
    return len(computed) > 1 or abs(by_hand - min(computed)) > CENT / 2 * (rows + 1)


def show(ways: list[str], table: list[tuple[Query, int, dict[str, Decimal]]]) -> None:
    """Print the table."""
    width = max(len(query.name) for query, *_ in table) + 2
    print("\n" + "figure".ljust(width) + "".join(way.rjust(23) for way in ways))
    for query, _, found in table:
        cells = (f"{found[way]:,.2f}" if way in found else "" for way in ways)
        print(query.name.ljust(width) + "".join(cell.rjust(23) for cell in cells))


def test_an_incremental_load_gives_the_figures_of_a_full_one(answers: Answers) -> None:
    for name in ("DuckDB", "PostgreSQL"):
        once, twice = answers[f"dbt, full, {name}"], answers[f"dbt, {name}"]
        for query in once:
            assert sorted(once[query], key=str) == sorted(twice[query], key=str), query


@pytest.mark.usefixtures("answers")
def test_the_queries_of_other_pages_find_the_same_rows(places: dict[str, Place]) -> None:
    others = {block.text for block in blocks("sql")} - {query.sql for query in RECIPES}
    assert len(others) == 2
    for sql in others:
        counts = [
            len(place.incremental.rows(_in(sql, place.incremental, "figures_views")))
            for place in places.values()
        ]
        assert counts[0] == counts[1] > 0, sql


def test_the_views_are_those_of_the_models() -> None:
    """Otherwise: `python -m upkeep.regenerate`."""
    (models,) = figures.compiled()
    assert figures.views(models) == queries.FIGURES


def test_the_models_work_without_arrays_that_have_streams_of_their_own(
    younium: Simulator, tmp_path: Path
) -> None:
    chosen = catalog(TABLES, entities=ENTITIES)
    for table, column in ARRAYS:
        metadata_of(table_of(chosen, table), "properties", column)["selected"] = False
    database = DuckDB(tmp_path / "fewer.duckdb")
    load(run(config_of(younium), catalog=chosen).well(), file=database.file).close()
    (variable,) = re.findall(r"set its variable `(\w+)` to `false`", PAGE_OF_ARRAYS)
    build(database, tmp_path, **{variable: False})
    mrr = next(it for it in MODELS if it.name == "younium__mrr")
    assert mrr.by_hand
    assert mrr.total(database.rows(mrr.sql)) == pytest.approx(mrr.by_hand(younium))


@pytest.mark.parametrize("warehouse", ["bigquery", "snowflake"])
def test_what_dbt_compiles_for_other_warehouses(warehouse: str, places: dict[str, Place]) -> None:
    """There is no account: sqlglot reads the SQL in their dialect, and DuckDB runs what it read."""
    found, expected = (duckdb.connect() for _ in range(2))
    (models,) = figures.compiled(warehouse, {"younium_as_of": str(TODAY)})
    database = places["DuckDB"].full
    assert isinstance(database, DuckDB)
    for connection in (found, expected):
        connection.execute(f"ATTACH '{database.file}' AS it (READ_ONLY); USE it.younium")
        connection.execute("CREATE SCHEMA memory.analytics; CREATE SCHEMA memory.younium")
    for name, code in models.items():
        (sql,) = sqlglot.transpile(code, read=warehouse, write="duckdb")
        sql = sql.replace("analytics.", "memory.analytics.")
        found.execute(f"CREATE VIEW memory.analytics.{name} AS {sql}")
    expected.execute(FIGURES.replace("analytics", "memory.analytics"))
    for query in MODELS:
        sql = query.sql.replace("analytics.", "memory.analytics.")
        (figure,), (same,) = (it.execute(sql).fetchall() for it in (found, expected))
        assert figure == same, query.name


# Assumptions


def unusual(younium: Simulator) -> None:
    """Change the data so that each assumption matters."""
    customers = {order["account"]["id"]: order for order in reversed(subjects(younium))}
    *_, changed, drafted, paused, discounted, milestone, amounts, open_, over = customers.values()

    def recurring(order: Row) -> list[Row]:
        return [it for _, it in charges(order) if it["chargeType"] == "Recurring"]

    over["effectiveEndDate"] = "2025-06-30T00:00:00"
    recurring(over)[0]["effectiveEndDate"] = "2025-12-31T00:00:00"
    open_["effectiveEndDate"] = "2025-06-30T00:00:00"
    recurring(open_)[0]["effectiveEndDate"] = None
    # A change replaced a charge, which stays listed, open as its order.
    recurring(changed)[0] |= {"isLastVersion": False, "effectiveEndDate": None}
    changed["effectiveChangeDate"] = "2025-01-01T00:00:00"
    draft(next_version := deepcopy(drafted))
    younium.rows("Subscriptions", ENTITIES[0]).append(next_version)
    recurring(amounts)[0]["cmrr"]["baseCurrencyAmount"] += 10
    recurring(amounts)[0]["displayPrice"] += 10
    recurring(milestone)[0] |= {"startOn": "Milestone", "effectiveStartDate": None}
    discounted["orderDiscounts"] = [
        {
            "id": identifier(discounted["id"], "discount"),
            "percent": Decimal(50),
            "endOn": "SpecificeDate",
            "endDate": "2025-12-31T00:00:00",
            "onSpecificCharges": False,
        }
    ]
    # A customer pays nothing for half a year, by a charge of value zero, then as much as before.
    for order in younium.rows("Subscriptions", ENTITIES[0]):
        if order["account"] == paused["account"] and order is not paused:
            order["status"] = "Draft"
    product, charge = next(it for it in charges(paused) if it[1]["chargeType"] == "Recurring")
    nothing, again = (
        deepcopy(charge) | {"id": identifier(charge["id"], name)} for name in ("nothing", "again")
    )
    paused["products"] = [product]
    product["charges"] = [charge, nothing, again]
    charge |= {
        "effectiveStartDate": "2024-01-01T00:00:00",
        "effectiveEndDate": "2024-06-30T00:00:00",
    }
    nothing |= {
        "effectiveStartDate": "2024-07-01T00:00:00",
        "effectiveEndDate": "2024-12-31T00:00:00",
    }
    nothing |= {"recurringMonthlyAmount": Decimal(0), "recurringMonthlyAmountBase": Decimal(0)}
    again |= {"effectiveStartDate": "2025-01-01T00:00:00", "effectiveEndDate": None}

    invoices = [it for it in younium.rows("Invoices", ENTITIES[0]) if it["status"] == "Posted"]
    day = datetime.now(UTC).date() - timedelta(days=100)
    for invoice in invoices[:2]:
        invoice |= {"invoiceDate": f"{day}T00:00:00", "dueDate": f"{day + timedelta(80)}T00:00:00"}
        for line in invoice["invoiceLines"]:
            line["servicePeriodStartDate"] = f"{day - timedelta(days=50)}T00:00:00"
            line["servicePeriodEndDate"] = f"{day + timedelta(days=50)}T00:00:00"
    invoices[1]["invoiceType"] = "Credit"
    invoices[1]["totalAmount"] = abs(invoices[1]["totalAmount"])
    # The subtotal of a line has its tax in it.
    tax = {"tax": Decimal(10), "taxBaseAmount": Decimal(10)}
    line = invoices[2]["invoiceLines"][0]
    line |= tax | {"total": line["subtotal"], "totalBaseAmount": line["subtotalBaseAmount"]}
    ten = {"amount": Decimal(10), "amountInBaseCurrency": Decimal(10)}
    churn, product = younium.rows("Bookings", ENTITIES[0])[:2]
    churn |= {"bookingType": "Churn", "cmrr": ten}
    product |= {"bookingType": "Change", "changeType": "CancelOrderProduct", "cmrr": ten}


@pytest.mark.parametrize("name", ["DuckDB", "PostgreSQL"])
def test_another_project_can_use_the_package(
    name: str, places: dict[str, Place], tmp_path: Path
) -> None:
    database = places[name].full
    project = {
        "name": "other",
        "profile": "younium",
        "vars": {
            "younium_schema": database.schema,
            "younium": {"younium_ageing_buckets": [15, 45]},
        },
    }
    (tmp_path / "dbt_project.yml").write_text(json.dumps(project))
    package = {"packages": [{"local": str(ROOT / "examples/dbt")}]}
    (tmp_path / "packages.yml").write_text(json.dumps(package))
    profiles = (ROOT / "examples/dbt/profiles.yml").read_text(encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(profiles.replace("schema: analytics", "schema: other"))
    requirements = str(ROOT / "examples/dbt/requirements.txt")
    python = ("--python", ">=3.11,<3.14", "--with-requirements", requirements)
    for arguments in (["deps"], ["build", "--target", database.target]):
        done = subprocess.run(
            [shutil.which("uvx") or "uvx", *python, "--from", "dbt-core", "dbt", *arguments],
            cwd=tmp_path,
            env=os.environ | database.settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5000:]


def test_the_models_pass_their_tests_with_other_assumptions(tmp_path: Path) -> None:
    with Younium(accounts=12, entities=ENTITIES) as younium:
        output = run(config_of(younium), select=[*TABLES, "subscription_discounts"]).well()
    database = DuckDB(tmp_path / "switched.duckdb")
    load(output, file=database.file).close()
    build(database, tmp_path, **{name: value for name, value, _ in SWITCHES})


def test_each_assumption_changes_a_figure() -> None:
    switched = [{name: value} for name, value, _ in SWITCHES]
    defaults, *others = figures.compiled("postgres", {}, *switched)
    with Younium(accounts=12, entities=ENTITIES) as younium:
        unusual(younium)
        output = run(config_of(younium), select=[*TABLES, "subscription_discounts"]).well()

    def rows(models: dict[str, str], model: str) -> list[Any]:
        database.execute("DROP SCHEMA IF EXISTS analytics CASCADE")
        database.execute(figures.views(models))
        return database.execute(f"SELECT * FROM analytics.{model} ORDER BY ALL").fetchall()

    with load(output) as database:
        expected = {model: rows(defaults, model) for model in MEASURES}
        for (name, value, model), models in zip(SWITCHES, others, strict=True):
            found = rows(models, model)
            assert found, (name, value)
            assert found != expected[model], (name, value)
