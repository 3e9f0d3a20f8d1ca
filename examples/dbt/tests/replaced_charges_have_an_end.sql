-- Whether charges that a change has replaced stay listed is not published. A warning says that they do, and do not end before
-- the change, and so would count twice: see the assumption `younium_replaced_charges`.
{{ config(severity='warn') }}
select charge.*
from {{ ref('stg_younium__subscription_charges') }} as charge
inner join {{ ref('stg_younium__subscriptions') }} as subscription
    on charge.subscription_key = subscription.subscription_key
where
    charge.is_replaced
    and charge.charge_type = 'Recurring'
    and (charge.ends_on is null or charge.ends_on >= subscription.changed_on)
