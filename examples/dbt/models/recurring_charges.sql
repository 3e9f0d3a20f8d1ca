-- What each recurring charge brings in a month while it is in force.
with periods (period, months) as (
    values ('Monthly', 1), ('Quarterly', 3), ('Annual', 12)
)

select
    {{ key('id', 'charge') }} as charge_key,
    subscription.subscription_key,
    subscription.customer_key,
    subscription.legal_entity,
    charge.chargenumber as charge_number,
    subscription.currency,
    charge.cmrr->>'baseCurrencyCode' as base_currency,
    coalesce(cast(charge.effectivestartdate as date), subscription.starts_on) as starts_on,
    least(cast(charge.effectiveenddate as date), subscription.ends_on) as ends_on,
    {{ money('case charge.pricemodel
        when \'Flat\' then charge.displayprice / periods.months
        when \'Quantity\' then charge.displayprice * charge.quantity / periods.months
    end') }} as monthly_price,
    coalesce({{ money('charge.recurringmonthlyamount') }}, monthly_price) as mrr,
    {{ money('charge.recurringmonthlyamountbase') }} as mrr_in_base_currency
from {{ source('younium', 'subscription_charges') }} as charge
inner join {{ ref('subscriptions') }} as subscription
    on
        charge._root_id = subscription.subscription_id
        and charge._legal_entity is not distinct from subscription.legal_entity
        and {{ is_current('charge', 'subscription.read_at') }}
left join periods on charge.priceperiod = periods.period
where
    charge.chargetype = 'Recurring'
    and subscription.status in ('Active', 'Cancelled', 'Inactive')
