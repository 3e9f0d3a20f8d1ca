-- A charge counts in the months on whose last day it is in force.
with months as (
    select cast(unnest(generate_series(
        date_trunc('month', min(starts_on)), {{ as_of() }}, interval 1 month
    )) as date) as month
    from {{ ref('recurring_charges') }}
)

select
    concat_ws('/', months.month, charge.customer_key, charge.currency) as mrr_key,
    months.month,
    charge.legal_entity,
    charge.customer_key,
    charge.currency,
    max(charge.base_currency) as base_currency,
    count(*) as charges,
    sum(charge.mrr) as mrr,
    sum(charge.mrr_in_base_currency) as mrr_in_base_currency
from months
inner join {{ ref('recurring_charges') }} as charge
    on
        charge.starts_on <= last_day(months.month)
        and coalesce(charge.ends_on >= last_day(months.month), true)
group by all
