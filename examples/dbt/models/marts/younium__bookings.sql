-- How Younium itself classifies each change of an order.
select
    booking.booking_key,
    {{ younium.month_of('booking.booked_on') }} as month,
    booking.booked_on,
    booking.legal_entity,
    subscription.customer_key,
    customer.name as customer_name,
    booking.subscription_key,
    booking.order_number,
    booking.booking_type,
    booking.change_type,
    booking.classification,
    {{ 'base.base_currency' if var('younium_currency') == 'base' else 'coalesce(booking.currency, subscription.currency)' }} as currency,
    {%- for amount in ['cmrr', 'acv', 'tcv', 'one_time_fees'] %}
    {{ younium.in_currency('booking.sign * booking.' ~ amount, 'booking.sign * booking.' ~ amount ~ '_base') }} as {{ amount }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('stg_younium__bookings') }} as booking
left join {{ ref('stg_younium__subscriptions') }} as subscription
    on booking.subscription_key = subscription.subscription_key
left join {{ ref('stg_younium__accounts') }} as customer on subscription.customer_key = customer.customer_key
left join {{ ref('stg_younium__base_currencies') }} as base
    on coalesce(booking.legal_entity, '') = base.legal_entity
where booking.booked_on is null or booking.booked_on <= {{ younium.as_of() }}
