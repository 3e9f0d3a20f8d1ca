-- A charge counts in full in the months on whose deciding day it is in force: both its ends are inside.
{% set subtract = younium.assume('younium_temporary_discounts', ['ignore', 'subtract']) == 'subtract' -%}
with counted as (
    select
        months.month,
        months.counted_on,
        months.is_current_month,
        charge.*
    from {{ ref('stg_younium__months') }} as months
    inner join {{ ref('younium__recurring_charges') }} as charge
        on
            months.counted_on >= charge.starts_on
            and (charge.ends_on is null or months.counted_on <= charge.ends_on)
    where months.month <= {{ younium.as_of() }}
)
{%- if subtract %},

discounts as (
    select
        counted.charge_key,
        counted.month,
        sum(discount.percent) as percent
    from counted
    inner join {{ ref('stg_younium__subscription_discounts') }} as discount
        on
            counted.subscription_key = discount.subscription_key
            and counted.counted_on >= coalesce(discount.starts_on, counted.starts_on)
            and counted.counted_on <= coalesce(discount.ends_on, counted.counted_on)
            and (not discount.is_on_specific_charges or discount.charges like '%' || counted.charge_id || '%')
    group by 1, 2
)
{%- endif %}

select
    cast(counted.month as {{ dbt.type_string() }}) || '/' || counted.charge_key as mrr_by_charge_key,
    counted.month,
    counted.is_current_month,
    counted.charge_key,
    counted.subscription_key,
    counted.customer_key,
    counted.customer_name,
    counted.legal_entity,
    counted.order_number,
    counted.charge_number,
    counted.product_name,
    counted.currency,
    {% if subtract -%}
    {{ younium.money('counted.mrr * (100 - coalesce(discounts.percent, 0)) / 100') }} as mrr
    {%- else -%}
    counted.mrr
    {%- endif %}
from counted
{%- if subtract %}
left join discounts
    on
        counted.charge_key = discounts.charge_key
        and counted.month = discounts.month
{%- endif %}
