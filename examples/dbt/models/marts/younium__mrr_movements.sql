-- Each month's MRR against that of the month before, which opens it.
{% set grain = {'customer': 'customer_key', 'subscription': 'subscription_key'}[
    younium.assume('younium_movements_by', ['customer', 'subscription'])] -%}
{% set pays = {'churn': "mrr > 0", 'contraction': "charges > 0"}[
    younium.assume('younium_paused', ['churn', 'contraction'])] -%}
with amounts as (
    select
        month,
        legal_entity,
        customer_key,
        customer_name,
        {{ grain }} as movement_of,
        currency,
        count(*) as charges,
        sum(mrr) as mrr
    from {{ ref('younium__mrr_by_charge') }}
    group by 1, 2, 3, 4, 5, 6
),

-- each amount closes its month and opens the next one
both_ends as (
    select
        *,
        case when {{ pays }} then 1 else 0 end as paid,
        0 as paid_before,
        mrr as closing,
        0 as opening
    from amounts
    union all
    select
        {{ younium.later('month', 1, 'month') }} as month,
        legal_entity,
        customer_key,
        customer_name,
        movement_of,
        currency,
        charges,
        mrr,
        0 as paid,
        case when {{ pays }} then 1 else 0 end as paid_before,
        0 as closing,
        mrr as opening
    from amounts
),

months as (
    select
        month,
        legal_entity,
        customer_key,
        customer_name,
        movement_of,
        currency,
        max(paid) as paid,
        max(paid_before) as paid_before,
        sum(opening) as opening,
        sum(closing) as closing
    from both_ends
    where month <= {{ younium.as_of() }}
    group by 1, 2, 3, 4, 5, 6
),

histories as (
    select
        *,
        closing - opening as change,
        coalesce(max(paid) over (
            partition by movement_of, currency
            order by month
            rows between unbounded preceding and 1 preceding
        ), 0) as ever_paid
    from months
),

movements as (
    select
        *,
        case
            when change = 0 and paid = paid_before then 'none'
            when paid_before = 0 and paid = 1 and ever_paid = 0 then 'new'
            when paid_before = 0 and paid = 1 then 'reactivation'
            when paid_before = 1 and paid = 0 then 'churn'
            when change > 0 then 'expansion'
            else 'contraction'
        end as movement
    from histories
)

select
    cast(month as {{ dbt.type_string() }}) || '/' || movement_of || '/' || currency as mrr_movement_key,
    month,
    month = {{ younium.month_of(younium.as_of()) }} as is_current_month,
    legal_entity,
    customer_key,
    customer_name,
    movement_of,
    currency,
    movement,
    {{ younium.money('opening') }} as opening_mrr,
    {%- for movement in ['new', 'reactivation', 'expansion', 'contraction', 'churn'] %}
    {{ younium.money("case when movement = '" ~ movement ~ "' then change else 0 end") }} as {{ movement }}_mrr,
    {%- endfor %}
    {{ younium.money('closing') }} as closing_mrr
from movements
