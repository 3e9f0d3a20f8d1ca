-- Younium lists the latest version of an order; a database still has those that were the latest before, and those that
-- were not read again since still say so. Hence the highest that the last run to read the order brought.
select
    {{ key('coalesce(ordernumber, id)') }} as subscription_key,
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
    _read_at as read_at
from {{ source('younium', 'subscriptions') }}
where islastversion is not false
qualify row_number() over (
    partition by _legal_entity, coalesce(ordernumber, id)
    order by _read_at desc nulls last, version desc
) = 1
