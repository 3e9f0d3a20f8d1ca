-- Discounts with an end of their own.
select
    {{ younium.key('discount.id', 'discount') }} as discount_key,
    order_.subscription_key,
    discount.percent,
    {{ younium.day(younium.field('startDate', 'discount')) }} as starts_on,
    {{ younium.day(younium.field('endDate', 'discount')) }} as ends_on,
    coalesce({{ younium.field('onSpecificCharges', 'discount') }}, false) as is_on_specific_charges,
    {{ younium.json_text(younium.field('orderProductCharges', 'discount')) }} as charges
from {{ source('younium', 'subscription_discounts') }} as discount
inner join {{ ref('stg_younium__subscriptions') }} as order_
    on
        {{ younium.key('discount._root_id', 'discount') }} = order_.record_key
        and discount._read_at >= order_.read_at
where {{ younium.field('endOn', 'discount') }} = 'SpecificeDate'
