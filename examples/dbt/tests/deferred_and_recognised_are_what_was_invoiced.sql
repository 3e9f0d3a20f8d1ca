-- To the digit, for each legal entity and currency, by the lines inside the invoices: another way to the same figure.
{{ config(enabled=(target.type in ['duckdb', 'postgres'] and var('younium_arrays') and var('younium_line_amount') == 'subtotal')) }}
with lines as (
    select
        counted.legal_entity,
        counted.sign,
        counted.currency,
        counted.exchange_rate,
        {{ younium.month_of('counted.invoiced_on') }} as month,
        {{ younium.elements(younium.field('invoiceLines', 'loaded'), '$[*]') }} as line
    from {{ ref('stg_younium__invoices') }} as counted
    inner join {{ source('younium', 'invoices') }} as loaded
        on counted.invoice_key = {{ younium.key('loaded.id', 'loaded') }}
),

invoiced as (
    select
        legal_entity,
        {{ 'null' if var('younium_currency') == 'base' else 'currency' }} as currency,
        month,
        sum({{ younium.in_currency(
            'sign * ' ~ younium.money("(line->>'subtotal')"),
            'sign * coalesce(' ~ younium.money("(line->>'subtotalBaseAmount')") ~ ', ' ~ younium.money("(line->>'subtotal')") ~ ' * exchange_rate)'
        ) }}) as amount
    from lines
    group by 1, 2, 3
),

found as (
    select
        legal_entity,
        {{ 'null' if var('younium_currency') == 'base' else 'currency' }} as currency,
        month,
        sum(invoiced) as amount
    from {{ ref('younium__deferred_revenue') }}
    group by 1, 2, 3
)

select
    found.*,
    invoiced.amount as expected
from found
left join invoiced
    on
        found.month = invoiced.month
        and coalesce(found.currency, '') = coalesce(invoiced.currency, '')
        and coalesce(found.legal_entity, '') = coalesce(invoiced.legal_entity, '')
where found.amount != coalesce(invoiced.amount, 0)
