-- What each recurring charge brings in a month while it is in force.
with periods (period, months) as (
    values ('Monthly', 1), ('Quarterly', 3), ('Annual', 12)
),

charges as (
    select
        {{ key('id', 'charge') }} as charge_key,
        subscription.subscription_key,
        subscription.customer_key,
        subscription.legal_entity,
        charge."chargeNumber" as charge_number,
        subscription.currency,
        charge.cmrr->>'baseCurrencyCode' as base_currency,
        coalesce(cast(charge."effectiveStartDate" as date), subscription.starts_on) as starts_on,
        coalesce(cast(charge."effectiveEndDate" as date), subscription.ends_on) as ends_on,
        {{ money('case charge."priceModel"
            when \'Flat\' then charge."displayPrice" / periods.months
            when \'Quantity\' then charge."displayPrice" * charge.quantity / periods.months
        end') }} as monthly_price,
        {{ money('charge."recurringMonthlyAmount"') }} as monthly_amount,
        {{ money('charge."recurringMonthlyAmountBase"') }} as mrr_in_base_currency
    from {{ source('younium', 'subscription_charges') }} as charge
    inner join {{ ref('subscriptions') }} as subscription
        on
            charge._root_id = subscription.subscription_id
            and charge._legal_entity is not distinct from subscription.legal_entity
            and {{ is_current('charge', 'subscription.read_at') }}
    left join periods on charge."pricePeriod" = periods.period
    where
        charge."chargeType" = 'Recurring'
        and subscription.status in ('Active', 'Cancelled', 'Inactive')
)

select
    charge_key,
    subscription_key,
    customer_key,
    legal_entity,
    charge_number,
    currency,
    base_currency,
    starts_on,
    ends_on,
    monthly_price,
    coalesce(monthly_amount, monthly_price) as mrr,
    mrr_in_base_currency
from charges
