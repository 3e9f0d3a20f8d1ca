-- The charges that an order has: those read with it or since. One that left the order was not read with it again.
with charges as (
    select
        charge.*,
        order_.subscription_key,
        order_.customer_key,
        order_.currency as order_currency,
        order_.term as order_term,
        not coalesce({{ younium.field('isLastVersion', 'charge') }}, true)
        and (order_.is_last_version or {{ younium.field('changeState', 'charge') }} = 'CancelledFromChange') as is_replaced,
        case {{ younium.field('pricePeriod', 'charge') }}
            when 'Monthly' then 1
            when 'Quarterly' then 3
            when 'Annual' then 12
        end as price_months,
        case {{ younium.field('priceModel', 'charge') }}
            when 'Flat' then {{ younium.field('displayPrice', 'charge') }}
            when 'Quantity' then {{ younium.field('displayPrice', 'charge') }} * charge.quantity
        end as period_price
    from {{ source('younium', 'subscription_charges') }} as charge
    inner join {{ ref('stg_younium__subscriptions') }} as order_
        on
            {{ younium.key('charge._root_id', 'charge') }} = order_.record_key
            and charge._read_at >= order_.read_at
)

select
    {{ younium.key('id') }} as charge_key,
    subscription_key,
    customer_key,
    {{ younium.key('_parent_id') }} as product_key,
    cast(id as {{ dbt.type_string() }}) as charge_id,
    _legal_entity as legal_entity,
    {{ younium.field('chargeNumber') }} as charge_number,
    name,
    {{ younium.field('chargeType') }} as charge_type,
    {{ younium.field('priceModel') }} as price_model,
    is_replaced,
    {{ younium.field('startOn') }} as start_on,
    {{ younium.day(younium.field('effectiveStartDate')) }} as starts_on,
    {{ younium.day(younium.field('effectiveEndDate')) }} as ends_on,
    order_term as term,
    order_currency as currency,
    {{ younium.part('cmrr', 'baseCurrencyCode') }} as base_currency,
    {{ younium.money('period_price / price_months') }} as monthly_price,
    {{ younium.money(younium.field('recurringMonthlyAmount')) }} as recurring_monthly_amount,
    {{ younium.money(younium.field('recurringMonthlyAmountBase')) }} as recurring_monthly_amount_base,
    {{ younium.money(younium.part('cmrr', 'amount')) }} as cmrr,
    {{ younium.money(younium.part('cmrr', 'baseCurrencyAmount')) }} as cmrr_base,
    {{ younium.money(younium.part('acv', 'amount')) }} as acv,
    {{ younium.money(younium.part('tcv', 'amount')) }} as tcv
from charges
