-- Seen in real records, published nowhere. A warning says that your data differ: `younium__bookings` counts the bookings.
{{ config(severity='warn') }}
with lines as (
    select
        {{ younium.key('_root_id') }} as booking_key,
        _read_at as read_at,
        {{ younium.money(younium.part('cmrr', 'amount')) }} as cmrr
    from {{ source('younium', 'booking_lines') }}
)

select
    booking.booking_key,
    booking.cmrr,
    sum(lines.cmrr) as sum_of_lines
from {{ ref('stg_younium__bookings') }} as booking
left join lines
    on
        booking.booking_key = lines.booking_key
        and lines.read_at >= booking.read_at
group by 1, 2
having abs(booking.cmrr - coalesce(sum(lines.cmrr), 0)) > 0.005
