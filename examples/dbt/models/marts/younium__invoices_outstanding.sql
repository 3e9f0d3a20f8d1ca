-- Younium counts `daysPastDue` when it is asked, so a loaded one stands still: here it is from the dates.
-- What is left of a settled invoice was written off.
with invoices as (
    select
        invoice.invoice_key,
        invoice.customer_key,
        customer.name as customer_name,
        invoice.legal_entity,
        invoice.invoice_number,
        invoice.invoice_type,
        invoice.is_credit,
        invoice.status,
        invoice.invoiced_on,
        invoice.due_on,
        greatest({{ dbt.datediff('coalesce(invoice.due_on, ' ~ younium.as_of() ~ ')', younium.as_of(), 'day') }}, 0) as days_past_due,
        {{ 'base.base_currency' if var('younium_currency') == 'base' else 'invoice.currency' }} as currency,
        {{ younium.in_currency('invoice.sign * invoice.total', 'invoice.sign * invoice.total_base') }} as total,
        {{ younium.in_currency('invoice.sign * invoice.balance', 'invoice.sign * invoice.balance_base') }} as balance,
        invoice.currency as invoice_currency,
        {{ younium.money('invoice.sign * invoice.balance') }} as balance_in_invoice_currency
    from {{ ref('stg_younium__invoices') }} as invoice
    left join {{ ref('stg_younium__accounts') }} as customer on invoice.customer_key = customer.customer_key
    left join {{ ref('stg_younium__base_currencies') }} as base
        on coalesce(invoice.legal_entity, '') = base.legal_entity
)

select
    *,
    case
        when days_past_due = 0 then 'not due'
        {%- for days in var('younium_ageing_buckets') %}
        when days_past_due <= {{ days }} then '{{ loop.previtem | default(0) + 1 }}-{{ days }}'
        {%- endfor %}
        else 'over {{ var('younium_ageing_buckets') | last }}'
    end as age
from invoices
where coalesce(balance_in_invoice_currency != 0, true) and status != 'Settled'
