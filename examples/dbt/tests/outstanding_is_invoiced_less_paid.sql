-- The balances against the lines of the invoices less the payments that settle them.
with invoices as (
    select *, status not in ('Draft', 'Cancelled') as counts
    from {{ source('younium', 'invoices') }}
),

amounts as (
    select
        invoice._legal_entity as legal_entity,
        invoice.currency,
        {{ signed('line.total', 'invoice.invoicetype') }} as amount
    from invoices as invoice
    inner join {{ source('younium', 'invoice_lines') }} as line
        on
            invoice.id = line._root_id
            and invoice._legal_entity is not distinct from line._legal_entity
    where invoice.counts
    union all
    select
        invoice._legal_entity as legal_entity,
        invoice.currency,
        -{{ signed("cast(settlement.amount->>'amount' as double)", 'invoice.invoicetype') }} as amount
    from invoices as invoice
    inner join {{ source('younium', 'payment_settlements') }} as settlement
        on
            invoice.id = settlement.invoice->>'id'
            and invoice._legal_entity is not distinct from settlement._legal_entity
    where invoice.counts
),

expected as (
    select legal_entity, currency, sum(amount) as balance
    from amounts
    group by all
),

found as (
    select legal_entity, currency, sum(balance) as balance
    from {{ ref('invoices_outstanding') }}
    group by all
)

select expected.*, found.balance as found
from expected
full join found
    on
        expected.currency = found.currency
        and expected.legal_entity is not distinct from found.legal_entity
where abs(coalesce(expected.balance, 0) - coalesce(found.balance, 0)) > 0.005
