-- 1990 to 2073: a list of its own, because each warehouse makes lists in another way.
with digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit{{ ' union all' if not loop.last }}
    {%- endfor %}
),

months as (
    select {{ younium.later('month', '100 * hundreds.digit + 10 * tens.digit + units.digit', "cast('1990-01-01' as date)") }} as month
    from digits as hundreds
    cross join digits as tens
    cross join digits as units
),

days as (
    select
        month,
        {{ younium.later('day', -1, younium.later('month', 1, 'month')) }} as last_day
    from months
)

select
    month,
    last_day,
    {{ {'last': 'last_day', 'first': 'month'}[younium.assume('younium_mrr_day', ['last', 'first'])] }} as counted_on,
    month = {{ younium.month_of(younium.as_of()) }} as is_current_month
from days
