-- What has been invoiced and is not recognised yet. The months after the current one are the run-off.
with changes as (
    select distinct
        invoice_month as month,
        line_key,
        legal_entity,
        customer_key,
        customer_name,
        currency,
        invoiced,
        0 as recognised
    from {{ ref('younium__revenue') }}
    union all
    select
        month,
        line_key,
        legal_entity,
        customer_key,
        customer_name,
        currency,
        0 as invoiced,
        recognised
    from {{ ref('younium__revenue') }}
),

spans as (
    select
        legal_entity,
        customer_key,
        customer_name,
        currency,
        min(month) as first_month,
        max(month) as last_month
    from changes
    group by 1, 2, 3, 4
),

months as (
    select
        months.month,
        spans.legal_entity,
        spans.customer_key,
        spans.customer_name,
        spans.currency,
        sum(coalesce(changes.invoiced, 0)) as invoiced,
        sum(coalesce(changes.recognised, 0)) as recognised
    from spans
    inner join {{ ref('stg_younium__months') }} as months
        on
            spans.first_month <= months.month
            and months.month <= spans.last_month
    left join changes
        on
            spans.customer_key = changes.customer_key
            and coalesce(spans.currency, '') = coalesce(changes.currency, '')
            and months.month = changes.month
    group by 1, 2, 3, 4, 5
),

balances as (
    select
        *,
        sum(invoiced - recognised) over (partition by customer_key, currency order by month) as deferred
    from months
)

select
    cast(month as {{ dbt.type_string() }}) || '/' || customer_key || '/' || currency as deferred_revenue_key,
    month,
    month = {{ younium.month_of(younium.as_of()) }} as is_current_month,
    month > {{ younium.as_of() }} as is_run_off,
    legal_entity,
    customer_key,
    customer_name,
    currency,
    {{ younium.money('deferred - invoiced + recognised') }} as opening_deferred,
    {{ younium.money('invoiced') }} as invoiced,
    {{ younium.money('recognised') }} as recognised,
    {{ younium.money('deferred') }} as deferred
from balances
