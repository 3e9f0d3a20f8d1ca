-- Younium lists the latest version of an order; a database still has those that were the latest before, and those that
-- were not read again since still say so. Hence the highest that the last run to read the order brought.
with versions as (
    select
        *,
        row_number() over (
            partition by _legal_entity, coalesce("orderNumber", cast(id as text))
            order by _read_at desc nulls last, version desc nulls last
        ) as place
    from {{ source('younium', 'subscriptions') }}
    where "isLastVersion" is not false
)

select
    {{ key('coalesce("orderNumber", cast(id as text))') }} as subscription_key,
    {{ key("account->>'id'") }} as customer_key,
    _legal_entity as legal_entity,
    cast(id as text) as subscription_id,
    "orderNumber" as order_number,
    version,
    status,
    currency,
    cast("effectiveStartDate" as date) as starts_on,
    cast("effectiveEndDate" as date) as ends_on,
    cast("cancellationDate" as date) as cancelled_on,
    _read_at as read_at
from versions
where place = 1
