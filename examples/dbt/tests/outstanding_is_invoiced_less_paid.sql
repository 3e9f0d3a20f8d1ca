-- The balances against the lines inside the invoices less the payments that settle them: another way to the same figure.
-- A warning, because invoices are also settled without a payment, for example by a credit.
{{ config(severity='warn', enabled=target.type in ['duckdb', 'postgres'] and var('younium_arrays')) }}
with invoices as (
    select
        counted.legal_entity,
        counted.currency,
        counted.sign,
        cast(loaded.id as {{ dbt.type_string() }}) as invoice_id,
        loaded.{{ younium.field('invoiceLines') }} as invoice_lines
    from {{ ref('stg_younium__invoices') }} as counted
    inner join {{ source('younium', 'invoices') }} as loaded
        on counted.invoice_key = {{ younium.key('loaded.id', 'loaded') }}
),

lines as (
    select
        legal_entity,
        currency,
        sign,
        {{ younium.elements('invoice_lines', '$[*].total') }} as total
    from invoices
),

settlements as (
    select
        _legal_entity as legal_entity,
        {{ younium.elements(younium.field('paymentSettlements'), '$[*]') }} as settlement
    from {{ source('younium', 'payments') }}
),

amounts as (
    select
        legal_entity,
        currency,
        sign * {{ younium.money('total') }} as amount
    from lines
    union all
    select
        invoice.legal_entity,
        invoice.currency,
        -sign * {{ younium.money("(settlement->'amount'->>'amount')") }} as amount
    from invoices as invoice
    inner join settlements
        on
            invoice.invoice_id = (settlement->'invoice'->>'id')
            and coalesce(invoice.legal_entity, '') = coalesce(settlements.legal_entity, '')
),

expected as (
    select
        legal_entity,
        currency,
        sum(amount) as balance
    from amounts
    group by 1, 2
),

found as (
    select
        legal_entity,
        invoice_currency as currency,
        sum(balance_in_invoice_currency) as balance
    from {{ ref('younium__invoices_outstanding') }}
    group by 1, 2
)

select
    expected.*,
    found.balance as found
from expected
left join found
    on
        expected.currency = found.currency
        and coalesce(expected.legal_entity, '') = coalesce(found.legal_entity, '')
where abs(expected.balance - coalesce(found.balance, 0)) > 0.005
