-- Each invoice line, without tax, spread over the days of its service period; the last month takes what rounding
-- leaves. Nothing is recognised before it is invoiced.
with lines as (
    select
        {{ key('id', 'line') }} as line_key,
        line._legal_entity as legal_entity,
        {{ key("account->>'id'", 'invoice') }} as customer_key,
        invoice.currency,
        cast(invoice.invoicedate as date) as invoiced_on,
        coalesce(cast(line.serviceperiodstartdate as date), invoiced_on) as starts_on,
        greatest(starts_on, cast(line.serviceperiodenddate as date)) as ends_on,
        {{ signed('line.subtotal', 'invoice.invoicetype') }} as amount
    from {{ source('younium', 'invoice_lines') }} as line
    inner join {{ source('younium', 'invoices') }} as invoice
        on
            line._root_id = invoice.id
            and line._legal_entity is not distinct from invoice._legal_entity
            and {{ is_current('line', 'invoice._read_at') }}
    where invoice.status not in ('Draft', 'Cancelled')
),

months as (
    select
        *,
        cast(unnest(generate_series(
            date_trunc('month', greatest(starts_on, invoiced_on)),
            date_trunc('month', greatest(ends_on, invoiced_on)),
            interval 1 month
        )) as date) as month
    from lines
),

recognised as (
    select
        *,
        case
            when last_day(month) >= ends_on then amount
            else round(amount * (last_day(month) - starts_on + 1) / (ends_on - starts_on + 1), 2)
        end as recognised_so_far
    from months
)

select
    concat_ws('/', line_key, month) as revenue_key,
    line_key,
    customer_key,
    legal_entity,
    currency,
    cast(date_trunc('month', invoiced_on) as date) as invoice_month,
    month,
    amount as invoiced,
    {{ money('recognised_so_far - lag(recognised_so_far, 1, 0) over (
        partition by line_key order by month
    )') }} as recognised
from recognised
