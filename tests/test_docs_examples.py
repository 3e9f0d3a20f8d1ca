"""The files and queries on the pages work; tests/e2e/test_platforms.py runs the DAG and asset."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from figures import CURRENT
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
    "invoices",
    "journal_transactions",
    "journal_vouchers",
    "journals",
    "revenue_schedules",
    "sales_order_charges",
    "sales_orders",
    "subscription_charges",
    "subscription_products",
    "subscriptions",
]
READ_BY_TESTS = {"console", "json", "mermaid", "python", "sh", "sql", "text", "yaml"}
"""The languages of blocks that a test reads; `text` is for log lines."""
(LEFT,) = (block.text for block in blocks("sql") if block.page.name == "full-refresh.md")
QUERIES = [block for block in blocks("sql") if block.text not in {CURRENT, LEFT}]


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


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_is_what_its_reader_takes(block: Block, tmp_path: Path) -> None:
    (file := tmp_path / "it.yml").write_text(block.text, encoding="utf-8")
    schema = "vendor.github-workflows" if "\njobs:\n  load:" in block.text else "vendor.meltano"
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
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
    database.execute(CURRENT)
    return database


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_returns_rows(query: Block, database: duckdb.DuckDBPyConnection) -> None:
    found = database.sql(query.text)
    assert found.fetchall()


def test_mrr_and_churn_are_what_the_charges_say(
    database: duckdb.DuckDBPyConnection, read: tuple[Output, Output, str]
) -> None:
    """Calculated again from the rows, month by month."""
    (query,) = (it for it in QUERIES if "churned_percent" in it.text)
    answer = database.sql(query.text)
    months = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
    paying = {row["month"].date(): in_a_month(read[0], row["month"]) for row in months}
    assert len(paying) == len(months) > 40

    before: dict[Any, Decimal] = {}
    for month in months:
        now = paying[month["month"].date()]
        churned = [mrr for account, mrr in before.items() if account not in now]
        new = [mrr for account, mrr in now.items() if account not in before]
        assert month["mrr"] == sum(now.values()), month
        assert (month["churned"] or 0) == sum(churned), month
        assert (month["new"] or 0) == sum(new), month
        before = now
    assert sum(month["churned"] or 0 for month in months) > 0


def in_a_month(output: Output, month: datetime) -> dict[Any, Decimal]:
    """The recurring revenue of each account at the beginning of a month."""
    day = month.date()
    orders = {(it["_legal_entity"], it["id"]): it for it in output.records["subscriptions"]}
    found: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for charge in output.records["subscription_charges"]:
        order = orders[charge["_legal_entity"], charge["_root_id"]]
        counts = order["status"] == "Active" or (
            order["status"] == "Cancelled" and not ended(order.get("cancellationDate"), day)
        )
        began = on(charge["effectiveStartDate"]) <= day
        if counts and began and not ended(charge.get("effectiveEndDate"), day):
            amount = Decimal(str(charge["cmrr"]["baseCurrencyAmount"])).quantize(Decimal("0.01"))
            found[charge["_legal_entity"], order["account"]["id"]] += amount
    return {account: mrr for account, mrr in found.items() if mrr > 0}


def on(time: str) -> date:
    return datetime.fromisoformat(time).date()


def ended(time: str | None, day: date) -> bool:
    return time is not None and on(time) <= day


def test_nested_rows_that_left_are_found(read: tuple[Output, Output, str]) -> None:
    first, second, gone = read
    with load(first) as once, load(first, second) as twice:
        assert not once.sql(LEFT).fetchall()
        assert [row[0] for row in twice.sql(LEFT).fetchall()] == [gone]
