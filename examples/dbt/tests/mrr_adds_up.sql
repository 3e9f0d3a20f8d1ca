-- The MRR of each month against what has begun less what has ended until then, by the charges inside the subscriptions:
-- another way to the same figure. It leaves out the months with a charge whose monthly amount Younium left out.
{{ config(enabled=(
    target.type in ['duckdb', 'postgres']
    and var('younium_arrays')
    and var('younium_mrr_day') == 'last'
    and var('younium_charge_end') == 'charge_or_order'
    and var('younium_replaced_charges') == 'end'
    and var('younium_monthly_amount') == 'recurring'
    and var('younium_temporary_discounts') == 'ignore'
)) }}
with charges as (
    select
        subscription.currency,
        subscription.legal_entity,
        subscription.starts_on as order_starts_on,
        subscription.ends_on as order_ends_on,
        staged.is_last_version,
        staged.changed_on,
        {{ younium.elements('loaded.products', '$[*].charges[*]') }} as charge
    from {{ ref('younium__subscriptions') }} as subscription
    inner join {{ ref('stg_younium__subscriptions') }} as staged
        on subscription.subscription_key = staged.subscription_key
    inner join {{ source('younium', 'subscriptions') }} as loaded
        on staged.record_key = {{ younium.key('loaded.id', 'loaded') }}
    where subscription.status in {{ younium.texts(var('younium_mrr_statuses')) }}
),

recurring as (
    select
        currency,
        legal_entity,
        coalesce(cast((charge->>'effectiveStartDate') as date), order_starts_on) as starts_on,
        case
            when
                (charge->>'isLastVersion') = 'false'
                and (is_last_version or (charge->>'changeState') = 'CancelledFromChange')
                then least(
                    cast((charge->>'effectiveEndDate') as date),
                    case
                        when changed_on is not null or (charge->>'effectiveEndDate') is null
                            then coalesce(changed_on, cast((charge->>'effectiveStartDate') as date), order_starts_on) - 1
                    end
                )
            else coalesce(cast((charge->>'effectiveEndDate') as date), order_ends_on)
        end as ends_on,
        {{ younium.in_currency("(charge->>'recurringMonthlyAmount')", "(charge->>'recurringMonthlyAmountBase')") }} as amount
    from charges
    where
        (charge->>'chargeType') = 'Recurring'
        {%- if var('younium_unreached_milestones') == 'exclude' %}
        and ((charge->>'effectiveStartDate') is not null or coalesce(charge->>'startOn', '') != 'Milestone')
        {%- endif %}
),

changes as (
    select
        currency,
        legal_entity,
        {{ younium.month_of('starts_on') }} as month,
        amount
    from recurring
    where coalesce(ends_on >= starts_on, true)
    union all
    select
        currency,
        legal_entity,
        {{ younium.month_of('ends_on + 1') }} as month,
        -amount as amount
    from recurring
    where ends_on >= starts_on
),

found as (
    select
        month,
        currency,
        legal_entity,
        sum(mrr) as mrr
    from {{ ref('younium__mrr') }}
    group by 1, 2, 3
)

select
    found.month,
    found.currency,
    found.legal_entity,
    found.mrr,
    sum(changes.amount) as expected
from found
inner join changes
    on
        found.currency = changes.currency
        and coalesce(found.legal_entity, '') = coalesce(changes.legal_entity, '')
        and found.month >= changes.month
group by 1, 2, 3, 4
having found.mrr != sum(changes.amount) and count(changes.amount) = count(*)
