"""The demo's queries of the tables that it loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: Creates the views that the others read: which version of an order counts, and which charges.
CURRENT: Final = (Path(__file__).parent.parent / "examples/current.sql").read_text("utf-8")
ARR: Final = """\
SELECT a.name AS customer, a._legal_entity AS legal_entity,
       12 * sum((c.cmrr->>'baseCurrencyAmount')::DECIMAL(38, 2)) AS arr,
       any_value(c.cmrr->>'baseCurrencyCode') AS currency
FROM younium.current_subscription_charges AS c
JOIN younium.current_subscriptions AS s ON s.id = c._root_id AND s._legal_entity = c._legal_entity
JOIN younium.accounts AS a ON a.id = (s.account->>'id') AND a._legal_entity = s._legal_entity
WHERE s.status = 'Active' AND c.chargetype = 'Recurring'
  AND today() BETWEEN c.effectivestartdate AND coalesce(c.effectiveenddate, today())
GROUP BY ALL ORDER BY arr DESC LIMIT 8"""
MRR: Final = """\
SELECT p.name AS product, count(*) AS charges,
       sum((c.cmrr->>'baseCurrencyAmount')::DECIMAL(38, 2)) AS mrr,
       any_value(c.cmrr->>'baseCurrencyCode') AS currency
FROM younium.current_subscription_charges AS c
JOIN younium.current_subscriptions AS s ON s.id = c._root_id AND s._legal_entity = c._legal_entity
JOIN younium.subscription_products AS p
  ON p.id = c._parent_id AND p._legal_entity = c._legal_entity
WHERE s.status = 'Active' AND c.chargetype = 'Recurring'
  AND today() BETWEEN c.effectivestartdate AND coalesce(c.effectiveenddate, today())
GROUP BY ALL ORDER BY mrr DESC LIMIT 8"""

#: A charge counts in the months on whose last day it is in force, as in examples/dbt.
MRR_BY_MONTH: Final = """\
WITH charges AS (
    SELECT s._legal_entity AS entity, s.account->>'accountNumber' AS customer,
           c.cmrr->>'baseCurrencyCode' AS currency, c.recurringmonthlyamountbase AS amount,
           c.effectivestartdate AS starts,
           coalesce(least(c.effectiveenddate, s.effectiveenddate), DATE '9999-12-31') AS ends
    FROM younium.current_subscription_charges AS c
    JOIN younium.current_subscriptions AS s
      ON s.id = c._root_id AND s._legal_entity = c._legal_entity
    WHERE c.chargetype = 'Recurring' AND s.status IN ('Active', 'Cancelled', 'Inactive')
), months AS (
    SELECT unnest(generate_series(date_trunc('month', min(starts)), today(), INTERVAL 1 MONTH))
           ::DATE AS month
    FROM charges
)
SELECT entity, customer, currency, month, sum(amount) AS amount
FROM months JOIN charges ON last_day(month) BETWEEN starts AND ends
GROUP BY ALL ORDER BY ALL"""
