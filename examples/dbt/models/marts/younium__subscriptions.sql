select
    subscription.subscription_key,
    subscription.customer_key,
    customer.name as customer_name,
    subscription.legal_entity,
    subscription.order_number,
    subscription.version,
    subscription.status,
    subscription.starts_on,
    subscription.ends_on,
    subscription.cancellation_registered_on,
    subscription.term_type,
    subscription.term,
    subscription.is_auto_renewed,
    {{ 'coalesce(subscription.base_currency, base.base_currency)' if var('younium_currency') == 'base' else 'subscription.currency' }} as currency,
    {{ younium.in_currency('subscription.cmrr', 'subscription.cmrr_base') }} as cmrr
from {{ ref('stg_younium__subscriptions') }} as subscription
left join {{ ref('stg_younium__base_currencies') }} as base
    on coalesce(subscription.legal_entity, '') = base.legal_entity
left join {{ ref('stg_younium__accounts') }} as customer on subscription.customer_key = customer.customer_key
