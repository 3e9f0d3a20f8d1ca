-- The balances against the lines inside the invoices less the payments that settle them.
with invoices as (
    select *
    from {{ source('younium', 'invoices') }}
    where status not in ('Draft', 'Cancelled')
),

lines as (
    select
        _legal_entity as legal_entity,
        currency,
        "invoiceType" as invoice_type,
        {{ elements('"invoiceLines"', '$[*].total') }} as total
    from invoices
),

settlements as (
    select
        _legal_entity as legal_entity,
        {{ elements('"paymentSettlements"', '$[*]') }} as settlement
    from {{ source('younium', 'payments') }}
),

amounts as (
    select
        legal_entity,
        currency,
        {{ signed('total', 'invoice_type') }} as amount
    from lines
    union all
    select
        settlements.legal_entity,
        invoice.currency,
        -{{ signed("settlement->'amount'->>'amount'", 'invoice."invoiceType"') }} as amount
    from invoices as invoice
    inner join settlements
        on
            cast(invoice.id as text) = settlement->'invoice'->>'id'
            and invoice._legal_entity is not distinct from settlements.legal_entity
),

expected as (
    select legal_entity, currency, sum(amount) as balance
    from amounts
    group by 1, 2
),

found as (
    select legal_entity, currency, sum(balance) as balance
    from {{ ref('invoices_outstanding') }}
    group by 1, 2
)

select expected.*, found.balance as found
from expected
full join found
    on
        expected.currency = found.currency
        and expected.legal_entity is not distinct from found.legal_entity
where abs(coalesce(expected.balance, 0) - coalesce(found.balance, 0)) > 0.005
