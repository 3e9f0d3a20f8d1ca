-- The balances against the lines inside the invoices less the payments that settle them.
with invoices as (
    select *, status not in ('Draft', 'Cancelled') as counts
    from {{ source('younium', 'invoices') }}
),

lines as (
    select
        _legal_entity as legal_entity,
        currency,
        invoicetype,
        unnest(json_extract(invoicelines, '$[*].total')) as total
    from invoices
    where counts
),

settlements as (
    select
        _legal_entity,
        unnest(json_extract(paymentsettlements, '$[*]')) as settlement
    from {{ source('younium', 'payments') }}
),

amounts as (
    select
        legal_entity,
        currency,
        {{ signed('cast(total as double)', 'invoicetype') }} as amount
    from lines
    union all
    select
        invoice._legal_entity as legal_entity,
        invoice.currency,
        -{{ signed("cast(settlement->'amount'->>'amount' as double)", 'invoice.invoicetype') }} as amount
    from invoices as invoice
    inner join settlements
        on
            invoice.id = settlement->'invoice'->>'id'
            and invoice._legal_entity is not distinct from settlements._legal_entity
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
