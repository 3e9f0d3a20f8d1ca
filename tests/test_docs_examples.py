"""The files and queries on the pages work; tests/e2e/test_platforms.py runs the DAG and asset."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from figures import FIGURES, in_force
from loading import load
from pages import PAGES, ROOT, Block, blocks
from singer import Younium, config_of, run

if TYPE_CHECKING:
    import duckdb
    from singer import Output

ENTITIES = ("Nordic AB", "Läkarö & Söner")
TABLES = [
    "accounts",
    "bookings",
    "chart_of_accounts",
    "invoice_lines",
    "invoices",
    "journal_transactions",
    "journal_vouchers",
    "journals",
    "revenue_schedules",
    "subscription_charges",
    "subscription_products",
    "subscriptions",
]
READ_BY_TESTS = {"console", "json", "mermaid", "python", "sh", "sql", "text", "yaml"}
"""The languages of blocks that a test reads; `text` is for log lines."""
(LEFT,) = (block.text for block in blocks("sql") if block.page.name == "full-refresh.md")
QUERIES = [block for block in blocks("sql") if block.text != LEFT]


def test_no_block_is_in_another_language() -> None:
    for page in PAGES:
        fences = [line for line in page.read_text(encoding="utf-8").splitlines() if "```" in line]
        languages = {line.strip("`") for line in fences[::2]}
        directives = {word for word in languages if word.startswith("{")}
        assert languages - directives <= READ_BY_TESTS, page


# Files


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    assert isinstance(json.loads(block.text), dict)


OTHERS = ("apiVersion:", "concurrency:", "packages:")  # of Prometheus, Dagster and dbt
YAML = [block for block in blocks("yaml") if not block.text.startswith(OTHERS)]


@pytest.mark.parametrize("schema", ["github-workflows", "meltano"])
def test_yaml_is_what_its_reader_takes(schema: str, tmp_path: Path) -> None:
    files: list[str] = []
    for block in YAML:
        if ("\njobs:\n  load:" in block.text) is (schema == "github-workflows"):
            file = tmp_path / f"{len(files)} {block.page.stem}.yml"
            file.write_text(block.text, encoding="utf-8")
            files.append(str(file))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*check, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """The workflow on the page on GitHub Actions, as a file of a repository."""
    (block,) = (it for it in blocks("yaml") if it.page.name == "github-actions.md")
    (file := tmp_path / ".github/workflows/younium.yml").parent.mkdir(parents=True)
    file.write_text(block.text, encoding="utf-8")
    return file


@pytest.mark.parametrize("linter", [("actionlint",), ("zizmor", "--offline")], ids=str)
def test_linters_find_nothing_in_the_workflow(linter: tuple[str, ...], workflow: Path) -> None:
    program = Path(sys.executable).with_name(linter[0])
    done = subprocess.run(
        [program, *linter[1:], workflow], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_are_pinned_as_in_the_project_s_own_workflows(workflow: Path) -> None:
    own = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    lines = workflow.read_text(encoding="utf-8").splitlines()
    used = [line.strip() for line in lines if "uses: " in line]
    others = [line for line in used if line not in own]
    assert len(used) - len(others) == 2
    assert all(re.fullmatch(r"- uses: \S+@[0-9a-f]{40} # v[\d.]+", line) for line in others)


# Queries


@pytest.fixture(scope="module")
def read() -> tuple[Output, Output, str]:
    """Two reads, between which a charge was removed from its subscription; and that charge."""
    with Younium(accounts=12, entities=ENTITIES) as younium:
        first = run(config_of(younium), select=TABLES).well()
        subscription = younium.rows("Subscriptions", ENTITIES[0])[0]
        gone = subscription["products"][0]["charges"].pop()
        subscription["modified"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
        second = run(config_of(younium), select=TABLES, state=first.state).well()
    return first, second, gone["id"]


@pytest.fixture(scope="module")
def database(read: tuple[Output, Output, str]) -> duckdb.DuckDBPyConnection:
    database = load(read[0])
    database.execute(FIGURES)
    return database


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_returns_rows(query: Block, database: duckdb.DuckDBPyConnection) -> None:
    found = database.sql(query.text)
    assert found.fetchall()


def test_mrr_and_churn_are_what_the_charges_say(
    database: duckdb.DuckDBPyConnection, read: tuple[Output, Output, str]
) -> None:
    """Calculated again from the rows, month by month."""
    (query,) = (it for it in QUERIES if "AS churned" in it.text)
    answer = database.sql(query.text)
    months: defaultdict[date, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in answer.fetchall():
        for column, value in zip(answer.columns[3:], row[3:], strict=True):
            months[row[0]][column] += value
    assert len(months) > 40

    before: dict[Any, Decimal] = {}
    for month, found in sorted(months.items()):
        now = in_a_month(read[0], month)
        cent = Decimal("0.01")
        churned = [mrr for account, mrr in before.items() if account not in now]
        begun = [mrr for account, mrr in now.items() if account not in before]
        assert found["mrr"] == pytest.approx(sum(now.values()), abs=2 * cent), month
        assert -found["churned"] == pytest.approx(sum(churned), abs=2 * cent), month
        assert found["new_customers"] + found["reactivated"] == pytest.approx(
            sum(begun), abs=2 * cent
        )
        before = now
    assert sum(month["churned"] for month in months.values()) < 0
    assert sum(month["reactivated"] for month in months.values()) > 0


def in_a_month(output: Output, month: date) -> dict[Any, Decimal]:
    """The recurring revenue of each account on the last day of a month."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    orders = {(it["_legal_entity"], it["id"]): it for it in output.records["subscriptions"]}
    found: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for charge in output.records["subscription_charges"]:
        order = orders[charge["_legal_entity"], charge["_root_id"]]
        if order["status"] != "Draft" and in_force(charge, last):
            amount = Decimal(str(charge["recurringMonthlyAmountBase"]))
            found[charge["_legal_entity"], order["account"]["id"]] += amount
    return {account: mrr for account, mrr in found.items() if mrr > 0}


def test_nested_rows_that_left_are_found(read: tuple[Output, Output, str]) -> None:
    first, second, gone = read
    with load(first) as once, load(first, second) as twice:
        assert not once.sql(LEFT).fetchall()
        assert [row[0] for row in twice.sql(LEFT).fetchall()] == [gone]
        # as without `legal_entities`
        twice.execute("UPDATE younium.subscriptions SET _legal_entity = NULL")
        twice.execute("UPDATE younium.subscription_charges SET _legal_entity = NULL")
        assert [row[0] for row in twice.sql(LEFT).fetchall()] == [gone]
