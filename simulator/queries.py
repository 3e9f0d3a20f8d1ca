"""The demo's queries of the tables that it loaded."""

# ruff: noqa: S608 - the queries are made of constants

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

# The pictures' queries. Amounts are in the base currency of the legal entity. They are as of the
# day in DuckDB's variable `as_of`, or as of today.

_AS_OF: Final = "coalesce(getvariable('as_of')::DATE, today())"

#: MRR of each customer in each month. A charge counts if it is in force on the month's last day,
#: from its first to its last day, both inclusive. Of an order, the current version counts, unless
#: it is a draft or deleted.
_MRR: Final = f"""\
WITH charges AS (
    SELECT s._legal_entity AS entity, s.account->>'name' AS customer,
           c.cmrr->>'baseCurrencyCode' AS currency,
           c.recurringmonthlyamountbase::DECIMAL(38, 6) AS amount,
           c.effectivestartdate::DATE AS starts,
           coalesce(least(c.effectiveenddate, s.effectiveenddate), DATE '9999-12-31') AS ends
    FROM younium.current_subscription_charges AS c
    JOIN younium.current_subscriptions AS s
      ON s.id = c._root_id AND s._legal_entity = c._legal_entity
    WHERE c.chargetype = 'Recurring' AND s.status IN ('Active', 'Cancelled', 'Inactive')
), months AS (
    SELECT unnest(generate_series(date_trunc('month', min(starts)), {_AS_OF}, INTERVAL 1 MONTH))
           ::DATE AS month
    FROM charges
), mrr AS (
    SELECT entity, customer, currency, month,
           coalesce(sum(amount) FILTER (last_day(month) BETWEEN starts AND ends), 0) AS amount
    FROM months CROSS JOIN charges
    GROUP BY ALL
)"""
MRR_BY_MONTH: Final = f"{_MRR}\nSELECT * FROM mrr WHERE amount > 0 ORDER BY ALL"
ARR_BY_CUSTOMER: Final = f"""\
{_MRR}
SELECT entity, customer, currency, 12 * amount AS amount FROM mrr
WHERE month = date_trunc('month', {_AS_OF}) AND amount > 0
ORDER BY entity, amount DESC, customer"""
#: What each customer's MRR changed by: the sum of all movements up to a month is its MRR.
MRR_MOVEMENTS: Final = f"""\
{_MRR}, changes AS (
    SELECT *, lag(amount, 1, 0) OVER earlier AS before, max(amount) OVER (
        earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS most
    FROM mrr
    WINDOW earlier AS (PARTITION BY entity, customer, currency ORDER BY month)
)
SELECT entity, currency, month,
       CASE WHEN before = 0 AND coalesce(most, 0) = 0 THEN 'new'
            WHEN before = 0 THEN 'reactivation'
            WHEN amount = 0 THEN 'churn'
            WHEN amount > before THEN 'expansion'
            ELSE 'contraction' END AS movement,
       sum(amount - before) AS amount
FROM changes WHERE amount <> before
GROUP BY ALL ORDER BY ALL"""

#: Invoices up to the day that are not drafts. A credit note counts against, whichever its sign.
_INVOICES: Final = f"""\
WITH bases AS (
    SELECT _legal_entity AS entity, any_value(cmrr->>'baseCurrencyCode') AS currency
    FROM younium.current_subscription_charges
    GROUP BY ALL
), posted AS (
    SELECT i.*, b.entity, b.currency AS base_currency, {_AS_OF} AS as_of
    FROM younium.invoices AS i JOIN bases AS b ON b.entity = i._legal_entity
    WHERE i.status NOT IN ('Draft', 'Cancelled') AND i.invoicedate <= {_AS_OF}
)"""
#: What is open of the invoices, by the days past their due date.
AGEING: Final = f"""\
{_INVOICES}, open AS (
    SELECT entity, base_currency AS currency, greatest(as_of - duedate::DATE, 0) AS days,
           CASE invoicetype WHEN 'Credit' THEN -abs(balancedbaseamount)
                            ELSE balancedbaseamount END::DECIMAL(38, 6) AS balance
    FROM posted
    WHERE balancedbaseamount <> 0
)
SELECT entity, currency,
       CASE WHEN days = 0 THEN 'not due'
            WHEN days <= 30 THEN '1-30'
            WHEN days <= 60 THEN '31-60'
            WHEN days <= 90 THEN '61-90'
            ELSE 'over 90' END AS age,
       sum(balance) AS amount
FROM open
GROUP BY ALL ORDER BY ALL"""
#: What has been invoiced for the days after the day, by the month of those days.
DEFERRED: Final = f"""\
{_INVOICES}, lines AS (
    SELECT i.entity, i.base_currency AS currency, i.as_of + 1 AS tomorrow,
           CASE i.invoicetype WHEN 'Credit' THEN -abs(l.subtotalbaseamount)
                              ELSE l.subtotalbaseamount END::DECIMAL(38, 6) AS amount,
           l.serviceperiodstartdate::DATE AS starts, l.serviceperiodenddate::DATE AS ends
    FROM younium.invoice_lines AS l
    JOIN posted AS i
      ON i.id = l._root_id AND i._legal_entity = l._legal_entity AND l._read_at >= i._read_at
    WHERE l.serviceperiodenddate > i.as_of
), days AS (
    SELECT *, unnest(generate_series(date_trunc('month', greatest(starts, tomorrow)), ends,
                                     INTERVAL 1 MONTH))::DATE AS month
    FROM lines
)
SELECT entity, currency, month,
       sum(amount * (least(ends, last_day(month)) - greatest(starts, tomorrow, month) + 1)
           / (ends - starts + 1)) AS amount
FROM days
GROUP BY ALL ORDER BY ALL"""
