select
    {{ younium.key('id') }} as product_key,
    {{ younium.field('chargePlanName') }} as charge_plan,
    name
from {{ source('younium', 'subscription_products') }}
