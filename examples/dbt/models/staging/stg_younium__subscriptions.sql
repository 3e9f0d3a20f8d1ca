-- Younium lists the latest version of an order. A database still has those that were the latest before, and those that
-- were not read again since still say so. Hence the highest that the last run to read the order brought.
with versions as (
    select
        *,
        coalesce({{ younium.field('orderNumber') }}, cast(id as {{ dbt.type_string() }})) as order_name
    from {{ source('younium', 'subscriptions') }}
    where coalesce({{ younium.field('isLastVersion') }}, true)
),

ranked as (
    select
        *,
        row_number() over (
            partition by _legal_entity, order_name
            order by _read_at desc nulls last, version desc nulls last
        ) as place
    from versions
)

select
    {{ younium.key('order_name') }} as subscription_key,
    {{ younium.key('id') }} as record_key,
    {{ younium.key(younium.part('account', 'id')) }} as customer_key,
    _legal_entity as legal_entity,
    {{ younium.field('orderNumber') }} as order_number,
    version,
    status,
    currency,
    {{ younium.day(younium.field('effectiveStartDate')) }} as starts_on,
    {{ younium.day(younium.field('effectiveEndDate')) }} as ends_on,
    {{ younium.day(younium.field('cancellationDate')) }} as cancellation_registered_on,
    {{ younium.field('termType') }} as term_type,
    term,
    {{ younium.field('isAutoRenewed') }} as is_auto_renewed,
    {{ younium.money(younium.part('cmrr', 'amount')) }} as cmrr,
    {{ younium.money(younium.part('cmrr', 'baseCurrencyAmount')) }} as cmrr_base,
    {{ younium.part('cmrr', 'baseCurrencyCode') }} as base_currency,
    _read_at as read_at
from ranked
where place = 1
