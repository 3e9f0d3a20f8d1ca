-- What each recurring charge brings in a month while it is in force.
{% set end = younium.assume('younium_charge_end', ['charge_or_order', 'charge', 'earlier']) -%}
{% set replaced = younium.assume('younium_replaced_charges', ['end', 'stay']) -%}
{% set amount = younium.assume('younium_monthly_amount', ['recurring', 'cmrr', 'price']) -%}
with charges as (
    select
        charge.*,
        subscription.order_number,
        subscription.starts_on as order_starts_on,
        subscription.ends_on as order_ends_on,
        product.name as product_name,
        coalesce(charge.base_currency, base.base_currency) as currency_of_base,
        {% if replaced == 'end' -%}
        case
            when charge.is_replaced and (charge.ends_on is null or charge.ends_on >= subscription.changed_on)
                then {{ younium.later('day', -1, 'coalesce(subscription.changed_on, charge.starts_on, subscription.starts_on)') }}
            else charge.ends_on
        end as own_end,
        {%- else -%}
        charge.ends_on as own_end,
        {%- endif %}
        coalesce(charge.recurring_monthly_amount, charge.monthly_price) as amount
    from {{ ref('stg_younium__subscription_charges') }} as charge
    inner join {{ ref('stg_younium__subscriptions') }} as subscription
        on charge.subscription_key = subscription.subscription_key
    left join {{ ref('stg_younium__subscription_products') }} as product
        on charge.product_key = product.product_key
    left join {{ ref('stg_younium__base_currencies') }} as base
        on coalesce(charge.legal_entity, '') = base.legal_entity
    where
        charge.charge_type = 'Recurring'
        and subscription.status in {{ younium.texts(var('younium_mrr_statuses')) }}
        {%- if younium.assume('younium_unreached_milestones', ['exclude', 'order_start']) == 'exclude' %}
        and (charge.starts_on is not null or coalesce(charge.start_on, '') != 'Milestone')
        {%- endif %}
)

select
    charge.charge_key,
    charge.charge_id,
    charge.subscription_key,
    charge.customer_key,
    customer.name as customer_name,
    charge.legal_entity,
    charge.order_number,
    charge.charge_number,
    charge.name as charge_name,
    charge.product_name,
    coalesce(charge.starts_on, charge.order_starts_on) as starts_on,
    {% if end == 'charge' -%}
    charge.own_end as ends_on,
    {%- elif end == 'earlier' -%}
    coalesce(least(charge.own_end, charge.order_ends_on), charge.own_end, charge.order_ends_on) as ends_on,
    {%- else -%}
    coalesce(charge.own_end, charge.order_ends_on) as ends_on,
    {%- endif %}
    {{ 'charge.currency_of_base' if var('younium_currency') == 'base' else 'charge.currency' }} as currency,
    {% if amount == 'recurring' -%}
    {{ younium.in_currency(
        'charge.amount',
        'coalesce(charge.recurring_monthly_amount_base, ' ~ younium.at_rate_of_cmrr('charge.amount') ~ ')'
    ) }} as mrr,
    {%- elif amount == 'cmrr' -%}
    {{ younium.in_currency('charge.cmrr', 'charge.cmrr_base') }} as mrr,
    {%- else -%}
    {{ younium.in_currency('charge.monthly_price', younium.at_rate_of_cmrr('charge.monthly_price')) }} as mrr,
    {%- endif %}
    charge.currency as order_currency,
    charge.amount as mrr_in_order_currency,
    charge.monthly_price as price_per_month
from charges as charge
left join {{ ref('stg_younium__accounts') }} as customer on charge.customer_key = customer.customer_key
