-- Younium lists the latest version of an order; a database still has those that were the latest before.
select
    {{ key('ordernumber') }} as subscription_key,
    {{ key("account->>'id'") }} as customer_key,
    _legal_entity as legal_entity,
    id as subscription_id,
    ordernumber as order_number,
    version,
    status,
    currency,
    cast(effectivestartdate as date) as starts_on,
    cast(least(effectiveenddate, cancellationdate) as date) as ends_on,
    cast(cancellationdate as date) as cancelled_on,
    _last_modified as changed_at
from {{ source('younium', 'subscriptions') }}
qualify row_number() over (
    partition by _legal_entity, ordernumber
    order by version desc, _last_modified desc
) = 1
