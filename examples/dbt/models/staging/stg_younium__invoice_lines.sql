-- The lines that an invoice has: those read with it or since. Amounts are without tax and after discounts.
{% set amount, amount_base = {
    'subtotal': [younium.field('subtotal', 'line'), younium.field('subtotalBaseAmount', 'line')],
    'total_less_tax': ['(line.total - line.tax)', '(' ~ younium.field('totalBaseAmount', 'line') ~ ' - ' ~ younium.field('taxBaseAmount', 'line') ~ ')']
}[younium.assume('younium_line_amount', ['subtotal', 'total_less_tax'])] -%}
select
    {{ younium.key('line.id', 'line') }} as line_key,
    invoice.invoice_key,
    invoice.customer_key,
    invoice.legal_entity,
    invoice.currency,
    invoice.invoice_number,
    {{ younium.field('chargeNumber', 'line') }} as charge_number,
    invoice.invoiced_on,
    coalesce({{ younium.day(younium.field('servicePeriodStartDate', 'line')) }}, invoice.invoiced_on) as starts_on,
    {{ younium.day(younium.field('servicePeriodEndDate', 'line')) }} as service_ends_on,
    {{ younium.money('invoice.sign * ' ~ amount) }} as amount,
    {{ younium.money('invoice.sign * coalesce(' ~ amount_base ~ ', ' ~ amount ~ ' * invoice.exchange_rate)') }} as amount_base
from {{ source('younium', 'invoice_lines') }} as line
inner join {{ ref('stg_younium__invoices') }} as invoice
    on
        {{ younium.key('line._root_id', 'line') }} = invoice.invoice_key
        and line._read_at >= invoice.read_at
