-- What is left of the first month's MRR of the customers that began in the same period, by months since their first.
{% set cohort = younium.assume('younium_cohort', ['year', 'quarter', 'month']) -%}
with paying as (
    select *
    from {{ ref('younium__mrr') }}
    where mrr > 0
),

firsts as (
    select
        customer_key,
        currency,
        legal_entity,
        min(month) as first_month
    from paying
    group by 1, 2, 3
),

ages as (
    select
        firsts.*,
        months.month,
        first.mrr as first_mrr,
        coalesce(mrr.mrr, 0) as mrr
    from firsts
    inner join {{ ref('stg_younium__months') }} as months
        on
            firsts.first_month <= months.month
            and months.month <= {{ younium.as_of() }}
    inner join paying as first
        on
            firsts.customer_key = first.customer_key
            and firsts.currency = first.currency
            and firsts.first_month = first.month
    left join paying as mrr
        on
            firsts.customer_key = mrr.customer_key
            and firsts.currency = mrr.currency
            and months.month = mrr.month
),

kept as (
    select
        *,
        cast({{ dbt.date_trunc(cohort, 'cast(first_month as timestamp)') }} as date) as cohort,
        cast({{ dbt.datediff('first_month', 'month', 'month') }} as integer) as months_since,
        least(first_mrr,
        {%- if younium.assume('younium_gross_retention', ['start', 'lowest']) == 'lowest' %}
            min(mrr) over (partition by customer_key, currency order by month)
        {%- else %}
            mrr
        {%- endif %}
        ) as kept_mrr
    from ages
)

select
    cast(cohort as {{ dbt.type_string() }})
    || '/' || cast(months_since as {{ dbt.type_string() }})
    || '/' || coalesce(legal_entity || '/', '') || currency as retention_key,
    cohort,
    legal_entity,
    currency,
    months_since,
    count(*) as customers,
    sum(case when mrr > 0 then 1 else 0 end) as customers_left,
    {{ younium.money('sum(first_mrr)') }} as first_mrr,
    {{ younium.money('sum(mrr)') }} as mrr,
    {{ younium.money('sum(kept_mrr)') }} as kept_mrr,
    cast({{ younium.money('100 * sum(mrr) / sum(first_mrr)') }} as numeric(28, 2)) as net_retention_percent,
    cast({{ younium.money('100 * sum(kept_mrr) / sum(first_mrr)') }} as numeric(28, 2)) as gross_retention_percent
from kept
group by 1, 2, 3, 4, 5
