-- Invoices that count. An invoice is a credit if it was made as one or if its total is below zero. Whether those made as
-- credits always have negative amounts is not published: `sign` is what their amounts are multiplied by.
select
    {{ younium.key('id') }} as invoice_key,
    {{ younium.key(younium.part('account', 'id')) }} as customer_key,
    _legal_entity as legal_entity,
    {{ younium.field('invoiceNumber') }} as invoice_number,
    {{ younium.field('invoiceType') }} as invoice_type,
    {{ younium.field('invoiceType') }} = 'Credit'
    or {{ younium.field('totalAmount') }} < 0 as is_credit,
    {% if younium.assume('younium_credit_sign', ['reduce', 'as_sent']) == 'reduce' -%}
    case
        when {{ younium.field('invoiceType') }} = 'Credit' and {{ younium.field('totalAmount') }} > 0 then -1
        else 1
    end as sign,
    {%- else -%}
    1 as sign,
    {%- endif %}
    status,
    currency,
    {{ younium.field('exchangeRate') }} as exchange_rate,
    {{ younium.day(younium.field('invoiceDate')) }} as invoiced_on,
    {{ younium.day(younium.field('dueDate')) }} as due_on,
    {{ younium.money(younium.field('totalAmount')) }} as total,
    {{ younium.money('coalesce(' ~ younium.field('totalBaseAmount') ~ ', ' ~ younium.field('totalAmount') ~ ' * ' ~ younium.field('exchangeRate') ~ ')') }} as total_base,
    {{ younium.money(younium.field('balancedAmount')) }} as balance,
    {{ younium.money('coalesce(' ~ younium.field('balancedBaseAmount') ~ ', ' ~ younium.field('balancedAmount') ~ ' * ' ~ younium.field('exchangeRate') ~ ')') }} as balance_base,
    _read_at as read_at
from {{ source('younium', 'invoices') }}
where
    status in {{ younium.texts(var('younium_invoice_statuses')) }}
    and {{ younium.day(younium.field('invoiceDate')) }} <= {{ younium.as_of() }}
