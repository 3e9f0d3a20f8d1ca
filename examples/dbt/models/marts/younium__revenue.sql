-- Each invoice line, without tax, spread over its service period; the last month takes what rounding leaves.
{% set before = younium.assume('younium_revenue_before_invoice', ['never', 'allowed']) == 'allowed' -%}
with lines as (
    select
        line.line_key,
        line.customer_key,
        customer.name as customer_name,
        line.legal_entity,
        line.invoice_number,
        line.charge_number,
        {{ 'base.base_currency' if var('younium_currency') == 'base' else 'line.currency' }} as currency,
        line.invoiced_on,
        {{ younium.month_of('line.invoiced_on') }} as invoice_month,
        line.starts_on,
        case when line.service_ends_on > line.starts_on then line.service_ends_on else line.starts_on end as ends_on,
        {{ younium.in_currency('line.amount', 'line.amount_base') }} as amount
    from {{ ref('stg_younium__invoice_lines') }} as line
    left join {{ ref('stg_younium__accounts') }} as customer on line.customer_key = customer.customer_key
    left join {{ ref('stg_younium__base_currencies') }} as base
        on coalesce(line.legal_entity, '') = base.legal_entity
),

by_month as (
    select
        line.*,
        months.month,
        months.last_day
    from lines as line
    inner join {{ ref('stg_younium__months') }} as months
        on
        {%- if before %}
            months.last_day >= line.starts_on
            and months.month <= line.ends_on
        {%- else %}
            months.last_day >= greatest(line.starts_on, line.invoiced_on)
            and months.month <= greatest(line.ends_on, line.invoiced_on)
        {%- endif %}
),

shares as (
    select
        *,
        {% if younium.assume('younium_revenue_by', ['day', 'month']) == 'day' -%}
        {{ dbt.datediff('starts_on', 'last_day', 'day') }} + 1 as passed,
        {{ dbt.datediff('starts_on', 'ends_on', 'day') }} + 1 as whole
        {%- else -%}
        cast({{ dbt.datediff(younium.month_of('starts_on'), 'month', 'month') }} as integer) + 1 as passed,
        cast({{ dbt.datediff(younium.month_of('starts_on'), younium.month_of('ends_on'), 'month') }} as integer) + 1 as whole
        {%- endif %}
    from by_month
),

recognised as (
    select
        *,
        case
            when passed >= whole then amount
            else round({{ younium.money('amount * passed / whole') }}, 2)
        end as recognised_to_date
    from shares
)

select
    line_key || '/' || cast(month as {{ dbt.type_string() }}) as revenue_key,
    line_key,
    customer_key,
    customer_name,
    legal_entity,
    invoice_number,
    charge_number,
    currency,
    invoice_month,
    month,
    amount as invoiced,
    {{ younium.money('recognised_to_date - lag(recognised_to_date, 1, 0) over (partition by line_key order by month)') }} as recognised
from recognised
