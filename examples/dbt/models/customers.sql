select
    {{ key('id') }} as customer_key,
    _legal_entity as legal_entity,
    "accountNumber" as account_number,
    name
from {{ source('younium', 'accounts') }}
