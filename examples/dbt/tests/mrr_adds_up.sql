-- The MRR of each month against what has begun less what has ended till then, by the charges inside the subscriptions.
with charges as (
    select
        current.status,
        current.currency,
        current.legal_entity,
        current.ends_on as order_ends_on,
        {{ elements('loaded.products', '$[*].charges[*]') }} as charge
    from {{ ref('subscriptions') }} as current
    inner join {{ source('younium', 'subscriptions') }} as loaded
        on
            current.subscription_id = cast(loaded.id as text)
            and current.legal_entity is not distinct from loaded._legal_entity
),

recurring as (
    select
        currency,
        legal_entity,
        cast(charge->>'effectiveStartDate' as date) as starts_on,
        coalesce(cast(charge->>'effectiveEndDate' as date), order_ends_on) as ends_on,
        {{ money("charge->>'recurringMonthlyAmount'") }} as amount
    from charges
    where charge->>'chargeType' = 'Recurring' and status not in ('Draft', 'Deleted')
),

changes as (
    select currency, legal_entity, {{ month_of('starts_on') }} as month, amount
    from recurring
    where coalesce(ends_on >= starts_on, true)
    union all
    select currency, legal_entity, {{ month_of('ends_on + 1') }} as month, -amount as amount
    from recurring
    where ends_on >= starts_on
),

found as (
    select month, currency, legal_entity, sum(mrr) as mrr
    from {{ ref('mrr') }}
    group by 1, 2, 3
)

select found.month, found.currency, found.legal_entity, found.mrr, sum(changes.amount) as expected
from found
inner join changes
    on
        found.currency = changes.currency
        and found.legal_entity is not distinct from changes.legal_entity
        and found.month >= changes.month
group by 1, 2, 3, 4
having found.mrr != sum(changes.amount)
