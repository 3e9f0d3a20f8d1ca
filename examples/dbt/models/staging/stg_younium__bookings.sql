-- Whether bookings of churn and downsell are negative is not published: `sign` is what their amounts are multiplied by.
select
    {{ younium.key('id') }} as booking_key,
    {{ younium.key(younium.part('order', 'orderNumber')) }} as subscription_key,
    _legal_entity as legal_entity,
    {{ younium.part('order', 'orderNumber') }} as order_number,
    {{ younium.field('bookingType') }} as booking_type,
    {{ younium.field('changeType') }} as change_type,
    {{ younium.part('classification', 'name') }} as classification,
    {{ younium.day(younium.field('effectiveDate')) }} as booked_on,
    currency,
    _read_at as read_at,
    {% set reducing = younium.texts(var('younium_reducing_bookings')) -%}
    {% if younium.assume('younium_booking_sign', ['reduce', 'as_sent']) == 'reduce' -%}
    case
        when
            {{ younium.money(younium.part('cmrr', 'amount')) }} > 0
            and (
                {{ younium.field('bookingType') }} in {{ reducing }}
                or ({{ younium.field('bookingType') }} = 'Change' and {{ younium.field('changeType') }} in {{ reducing }})
            )
            then -1
        else 1
    end as sign,
    {%- else -%}
    1 as sign,
    {%- endif %}
    {%- for amount in ['cmrr', 'acv', 'tcv', 'oneTimeFees'] %}
    {{ younium.money(younium.part(amount, 'amount')) }} as {{ 'one_time_fees' if amount == 'oneTimeFees' else amount }},
    {{ younium.money(younium.part(amount, 'amountInBaseCurrency')) }} as {{ 'one_time_fees' if amount == 'oneTimeFees' else amount }}_base{{ ',' if not loop.last }}
    {%- endfor %}
from {{ source('younium', 'bookings') }}
