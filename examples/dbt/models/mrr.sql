-- A charge counts in the months on whose last day it is in force.
with first as (
    select min(starts_on) as day
    from {{ ref('recurring_charges') }}
),

months as (
    select
        cast(months.month as date) as month,
        {{ dbt.last_day('months.month', 'month') }} as last_day
    from first
    cross join {{ months('first.day', as_of()) }}
)

select
    concat_ws('/', months.month, charge.customer_key, charge.currency) as mrr_key,
    months.month,
    charge.legal_entity,
    charge.customer_key,
    charge.currency,
    max(charge.base_currency) as base_currency,
    count(*) as charges,
    {{ money('sum(charge.mrr)') }} as mrr,
    {{ money('sum(charge.mrr_in_base_currency)') }} as mrr_in_base_currency
from months
inner join {{ ref('recurring_charges') }} as charge
    on
        charge.starts_on <= months.last_day
        and coalesce(charge.ends_on >= months.last_day, true)
group by 1, 2, 3, 4, 5
