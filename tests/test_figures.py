"""The queries on the pages give the right figures after changes and an incremental run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import cuts, exhaustive
from figures import (
    ENTITIES,
    FIGURES,
    MODELS,
    RECIPES,
    SCENARIOS,
    TABLES,
    delete_largest,
    draft,
    mrr,
    subjects,
    withdraw,
)
from loading import load
from singer import Output, Younium, config_of, run

from tap_younium import run as run_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from figures import Query, Scenario
    from singer import Row

    from simulator import Simulator


@dataclass
class Loads:
    """A database, and the amounts that it must have."""

    younium: Younium
    incremental: duckdb.DuckDBPyConnection
    full: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda it: it.name)
def loads(request: pytest.FixtureRequest) -> Iterator[Loads]:
    scenario: Scenario = request.param
    with Younium(accounts=3, entities=ENTITIES) as younium:
        # Otherwise the versions that were superseded would no longer say that they are the last.
        config = config_of(younium, superseded_versions=False)
        order = subjects(younium)[0]
        scenario.before(order)
        first = run(config, select=TABLES).well()
        scenario.change(order)
        withdraw(younium.rows("Journals", ENTITIES[0])[0])
        second = run(config, select=TABLES, state=first.state).well()
        with load(first, second) as twice, load(run(config, select=TABLES).well()) as full:
            for database in (twice, full):
                database.execute(FIGURES)
            yield Loads(younium, twice, full)


@pytest.mark.product
@pytest.mark.parametrize("query", RECIPES, ids=lambda it: it.name)
def test_a_query_counts_only_current_rows(query: Query, loads: Loads) -> None:
    found = rows(loads.incremental, query.sql)
    assert_by_hand(query, found, loads.younium)
    assert found == rows(loads.full, query.sql)
    if query.demo:
        assert_by_hand(query, rows(loads.incremental, query.demo), loads.younium)


def assert_by_hand(query: Query, rows: list[Row], younium: Simulator) -> None:
    """A cent can be lost where each row is rounded."""
    assert query.by_hand
    expected = query.by_hand(younium)
    assert query.total(rows) == pytest.approx(expected, abs=Decimal("0.005") * (len(rows) + 1))


def rows(database: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    """The rows of a query, sorted and rounded so that the order of loading has no effect."""
    found = database.sql(sql)
    answer = [dict(zip(found.columns, map(rounded, row), strict=True)) for row in found.fetchall()]
    return sorted(answer, key=str)


def rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def test_the_demo_s_queries_are_those_of_the_page() -> None:
    assert [query.demo for query in RECIPES[:2]] == [query.sql for query in RECIPES[:2]]


@pytest.mark.parametrize("updated", [True, False], ids=["updated", "as it was read"])
def test_a_draft_of_the_next_version_does_not_hide_the_one_in_force(*, updated: bool) -> None:
    with Younium(accounts=3, entities=ENTITIES) as younium:
        config = config_of(younium, superseded_versions=updated)
        first = run(config, select=TABLES).well()
        expected = mrr(younium)
        draft(subjects(younium)[0])
        assert mrr(younium) < expected
        second = run(config, select=TABLES, state=first.state).well()
    with load(first, second) as database:
        database.execute(FIGURES)
        (query,) = (it for it in MODELS if it.name == "younium__mrr")
        assert query.total(rows(database, query.sql)) == pytest.approx(expected)


@pytest.fixture
def a_state_after_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "PAGES_PER_STATE", 1)


@pytest.mark.parametrize("step", [24, exhaustive(12)])
@pytest.mark.usefixtures("a_state_after_each_page")
def test_a_resumed_load_counts_all_current_rows(step: int) -> None:
    """Charges can be older than their order. One is removed between the two runs."""
    tables = [it for it in TABLES if not it.startswith(("journal", "revenue"))]
    with Younium(accounts=3, entities=ENTITIES) as younium:
        config = config_of(younium, page_size=2)
        first = run(config, select=tables).well()
        order = subjects(younium)[0]
        delete_largest(order)
        order["modified"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
        places = 0
        for lines, state in list(cuts(first))[::step]:
            before = Output(1, "".join(f"{line}\n" for line in lines), "")
            rest = run(config, select=tables, state=state).well()
            with load(before, rest) as database:
                database.execute(FIGURES)
                for query in RECIPES[:5]:
                    assert_by_hand(query, rows(database, query.sql), younium)
            places += 1
    assert places * step > 72
