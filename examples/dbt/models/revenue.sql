-- Each invoice line, without tax, spread over the days of its service period; the last month takes what rounding
-- leaves. Nothing is recognised before it is invoiced.
with invoiced as (
    select
        {{ key('id', 'line') }} as line_key,
        line._legal_entity as legal_entity,
        {{ key("account->>'id'", 'invoice') }} as customer_key,
        invoice.currency,
        cast(invoice."invoiceDate" as date) as invoiced_on,
        cast(coalesce(line."servicePeriodStartDate", invoice."invoiceDate") as date) as starts_on,
        cast(line."servicePeriodEndDate" as date) as service_ends_on,
        {{ signed('line.subtotal', 'invoice."invoiceType"') }} as amount
    from {{ source('younium', 'invoice_lines') }} as line
    inner join {{ source('younium', 'invoices') }} as invoice
        on
            line._root_id = cast(invoice.id as text)
            and line._legal_entity is not distinct from invoice._legal_entity
            and {{ is_current('line', 'invoice._read_at') }}
    where invoice.status not in ('Draft', 'Cancelled')
),

lines as (
    select
        *,
        greatest(starts_on, service_ends_on) as ends_on
    from invoiced
),

by_month as (
    select
        lines.*,
        cast(months.month as date) as month,
        {{ dbt.last_day('months.month', 'month') }} as last_day
    from lines
    cross join {{ months('greatest(lines.starts_on, lines.invoiced_on)', 'greatest(lines.ends_on, lines.invoiced_on)') }}
),

recognised as (
    select
        *,
        case
            when last_day >= ends_on then amount
            else round({{ money('amount * (last_day - starts_on + 1) / (ends_on - starts_on + 1)') }}, 2)
        end as recognised_so_far
    from by_month
)

select
    concat_ws('/', line_key, month) as revenue_key,
    line_key,
    customer_key,
    legal_entity,
    currency,
    {{ month_of('invoiced_on') }} as invoice_month,
    month,
    amount as invoiced,
    {{ money('recognised_so_far - lag(recognised_so_far, 1, 0) over (
        partition by line_key order by month
    )') }} as recognised
from recognised
