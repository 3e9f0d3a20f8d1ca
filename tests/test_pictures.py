"""The queries of the pictures find what the rows of the simulator add up to."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from loading import load
from measures import ENTITIES, LAST, MONTHS, Figures
from singer import Younium, config_of, run

from simulator import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

ACCOUNTS = 20
TABLES = [
    "accounts",
    "bookings",
    "invoice_lines",
    "invoices",
    "subscription_charges",
    "subscription_discounts",
    "subscription_products",
    "subscriptions",
]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with Younium(accounts=ACCOUNTS, entities=ENTITIES) as younium:
        output = run(config_of(younium), select=TABLES).well()
    with load(output) as loaded:
        yield loaded


@pytest.fixture(params=ENTITIES)
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    with localcontext(prec=60):
        yield Figures(request.param, ACCOUNTS)


def amounts(
    database: duckdb.DuckDBPyConnection, query: str, entity: str, on: date, *names: str
) -> dict[Any, float]:
    """The amounts of a legal entity on a day, by the values of columns."""
    database.execute(queries.figures_on(str(on)))
    found = database.sql(query)
    sums: dict[Any, float] = defaultdict(float)
    for values in found.fetchall():
        row = dict(zip(found.columns, values, strict=True))
        assert row["currency"] == "SEK"
        if row["entity"] == entity:
            key = tuple(row[name] for name in names)
            sums[key if len(names) > 1 else key[0]] += float(row["amount"])
    return sums


def equal(found: dict[Any, float], expected: dict[Any, Decimal]) -> bool:
    return found == pytest.approx({key: float(it) for key, it in expected.items()}, abs=0.01)


def test_mrr_and_arr(database: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    found = amounts(database, queries.MRR_BY_MONTH, figures.name, LAST, "month", "customer")
    assert equal(
        found,
        {
            (month.replace(day=1), customer): amount
            for month in MONTHS
            for customer, amount in figures.mrr[month].items()
        },
    )
    arr = amounts(database, queries.ARR_BY_CUSTOMER, figures.name, LAST, "customer")
    assert equal(arr, {name: 12 * amount for name, amount in figures.mrr[LAST].items()})


def test_movements(database: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    found = amounts(database, queries.MRR_MOVEMENTS, figures.name, LAST, "month", "movement")
    by_year: dict[Any, float] = defaultdict(float)
    for (month, movement), amount in found.items():
        by_year[month.year, movement] += amount
    expected = {
        (year, movement): amount
        for year, moved in figures.movements.items()
        for movement, amount in moved.items()
    }
    assert equal(by_year, expected)
    assert {movement for _, movement in expected} == {
        "new",
        "expansion",
        "reactivation",
        "contraction",
        "churn",
    }


def test_ageing(database: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    ages = {"not due": (-999, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90)}
    ages["over 90"] = (91, 9999)
    expected: dict[str, Decimal] = {}
    for age, (least, most) in ages.items():
        if theirs := [amount for days, amount in figures.open if least <= days <= most]:
            expected[age] = sum(theirs, Decimal(0))
    assert equal(amounts(database, queries.AGEING, figures.name, LAST, "age"), expected)
    assert len(expected) > 1


def test_deferred(database: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    """The model rounds each month of an invoice line to a cent, so sums of many differ by cents."""
    found = amounts(database, queries.DEFERRED, figures.name, LAST, "month")
    assert sum(found.values()) == pytest.approx(float(figures.deferred(LAST)), abs=0.5)
    # No invoice of a later day has a part in what is left at the end of each month.
    ends = [LAST, date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    for before, after in pairwise(ends):
        off = figures.deferred(before) - figures.deferred(after)
        assert found[after.replace(day=1)] == pytest.approx(float(off), abs=0.5)
