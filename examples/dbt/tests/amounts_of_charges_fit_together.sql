-- Seen in real records, published nowhere: acv is twelve times cmrr, tcv the term times cmrr, and the monthly amount is
-- the cmrr and, where the price model leaves no doubt, the price. A warning says that your data differ: see the
-- assumption `younium_monthly_amount`.
{{ config(severity='warn') }}
select *
from {{ ref('stg_younium__subscription_charges') }}
where
    charge_type = 'Recurring'
    and (
        abs(acv - 12 * cmrr) > 0.005
        or abs(tcv - term * cmrr) > 0.005
        or abs(recurring_monthly_amount - cmrr) > 0.005
        or abs(recurring_monthly_amount - monthly_price) > 0.005
    )
