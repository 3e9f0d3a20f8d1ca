-- What a month opens with is what the month before closed with, and nothing is left at the end.
with months as (
    select
        *,
        lag(deferred, 1, 0) over (partition by customer_key, currency order by month) as deferred_before,
        row_number() over (partition by customer_key, currency order by month desc) as place
    from {{ ref('younium__deferred_revenue') }}
)

select *
from months
where
    opening_deferred != deferred_before
    or opening_deferred + invoiced - recognised != deferred
    or (place = 1 and deferred != 0)
