select
    {{ key('id') }} as customer_key,
    _legal_entity as legal_entity,
    accountnumber as account_number,
    name
from {{ source('younium', 'accounts') }}
