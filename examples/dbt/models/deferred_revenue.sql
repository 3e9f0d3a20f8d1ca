-- What of the invoices up to a month is for the months after it.
with spans as (
    select
        customer_key,
        currency,
        min(invoice_month) as first_month,
        max(month) as last_month
    from {{ ref('revenue') }}
    group by 1, 2
),

months as (
    select
        spans.customer_key,
        spans.currency,
        cast(months.month as date) as month
    from spans
    cross join {{ months('spans.first_month', 'spans.last_month') }}
)

select
    concat_ws('/', months.month, revenue.customer_key, revenue.currency) as deferred_revenue_key,
    months.month,
    revenue.legal_entity,
    revenue.customer_key,
    revenue.currency,
    {{ money('coalesce(sum(revenue.recognised) filter (where revenue.month = months.month), 0)') }} as recognised,
    {{ money('coalesce(sum(revenue.recognised) filter (where revenue.month <= months.month), 0)') }} as recognised_to_date,
    {{ money('coalesce(sum(revenue.recognised) filter (where revenue.month > months.month), 0)') }} as deferred
from months
inner join {{ ref('revenue') }} as revenue
    on
        months.customer_key = revenue.customer_key
        and months.currency = revenue.currency
        and months.month >= revenue.invoice_month
group by 1, 2, 3, 4, 5
