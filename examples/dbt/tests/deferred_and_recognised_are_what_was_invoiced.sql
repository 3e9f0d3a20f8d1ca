-- To the digit, for each month, legal entity and currency, by the lines inside the invoices.
with lines as (
    select
        _legal_entity as legal_entity,
        currency,
        {{ month_of('"invoiceDate"') }} as month,
        "invoiceType" as invoice_type,
        {{ elements('"invoiceLines"', '$[*].subtotal') }} as subtotal
    from {{ source('younium', 'invoices') }}
    where status not in ('Draft', 'Cancelled')
),

invoiced as (
    select
        months.month,
        lines.legal_entity,
        lines.currency,
        sum({{ signed('lines.subtotal', 'lines.invoice_type') }}) as amount
    from (select distinct month from {{ ref('deferred_revenue') }}) as months
    inner join lines on months.month >= lines.month
    group by 1, 2, 3
),

found as (
    select
        invoiced.month,
        revenue.legal_entity,
        revenue.currency,
        revenue.recognised_to_date + revenue.deferred as amount,
        row_number() over (
            partition by invoiced.month, revenue.customer_key, revenue.currency
            order by revenue.month desc
        ) as place
    from invoiced
    inner join {{ ref('deferred_revenue') }} as revenue
        on
            invoiced.currency = revenue.currency
            and invoiced.legal_entity is not distinct from revenue.legal_entity
            and invoiced.month >= revenue.month
),

-- a customer whose revenue is all recognised has no more months: the last one stands
sums as (
    select month, legal_entity, currency, sum(amount) as amount
    from found
    where place = 1
    group by 1, 2, 3
)

select invoiced.*, sums.amount as recognised_and_deferred
from invoiced
left join sums
    on
        invoiced.month = sums.month
        and invoiced.currency = sums.currency
        and invoiced.legal_entity is not distinct from sums.legal_entity
where sums.amount is distinct from invoiced.amount
