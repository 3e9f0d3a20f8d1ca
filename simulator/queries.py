"""The demo's queries. A test checks that the first two are those of docs/recipes/sql.md."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: Creates the views that the others read: the models of examples/dbt.
FIGURES: Final = (Path(__file__).parent.parent / "examples/figures.sql").read_text("utf-8")
ARR: Final = """\
SELECT customer_name AS customer, legal_entity, round(arr, 2) AS arr, currency
FROM analytics.younium__arr
ORDER BY arr DESC
"""
MRR: Final = """\
SELECT product_name AS product, count(*) AS charges, round(sum(mrr), 2) AS mrr, currency
FROM analytics.younium__mrr_by_charge
WHERE is_current_month
GROUP BY product_name, currency
ORDER BY mrr DESC
"""

# The pictures' queries, in the base currency of the legal entity

MRR_BY_MONTH: Final = """\
SELECT legal_entity AS entity, customer_name AS customer, currency, month, mrr AS amount
FROM analytics.younium__mrr
WHERE mrr > 0
ORDER BY 1, 2, 3, 4"""
ARR_BY_CUSTOMER: Final = """\
SELECT legal_entity AS entity, customer_name AS customer, currency, arr AS amount
FROM analytics.younium__arr
WHERE arr > 0
ORDER BY 1, 4 DESC, 2"""
MRR_MOVEMENTS: Final = """\
SELECT legal_entity AS entity, currency, month, movement, sum(closing_mrr - opening_mrr) AS amount
FROM analytics.younium__mrr_movements
WHERE movement <> 'none'
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4"""
AGEING: Final = """\
SELECT legal_entity AS entity, currency, age, sum(balance) AS amount
FROM analytics.younium__invoices_outstanding
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3"""
DEFERRED: Final = """\
SELECT legal_entity AS entity, currency, month, sum(recognised) AS amount
FROM analytics.younium__deferred_revenue
WHERE is_run_off
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3"""


def figures_on(day: str) -> str:
    """`FIGURES` as of a day, such as `2025-12-31`, instead of today."""
    return FIGURES.replace("current_date", f"DATE '{day}'")
