select
    {{ younium.key('id') }} as customer_key,
    _legal_entity as legal_entity,
    {{ younium.field('accountNumber') }} as account_number,
    name
from {{ source('younium', 'accounts') }}
