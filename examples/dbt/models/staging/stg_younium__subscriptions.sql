-- Younium lists the latest version of an order. A database still has those that were the latest before, and those that
-- were not read again since still say so. Hence the highest that the last run to read the order brought. The version
-- before a draft is in force, although it might no longer say that it is the last.
with versions as (
    select
        *,
        coalesce({{ younium.field('orderNumber') }}, cast(id as {{ dbt.type_string() }})) as order_name,
        coalesce({{ younium.field('isLastVersion') }}, true) as is_last_version,
        {% if younium.assume('younium_drafts', ['ignore', 'hide']) == 'ignore' -%}
        case when status in ('Draft', 'OrderDraft') then 1 else 0 end as is_draft
        {%- else -%}
        0 as is_draft
        {%- endif %}
    from {{ source('younium', 'subscriptions') }}
),

ranked as (
    select
        *,
        max(case when is_last_version then is_draft else 0 end) over (partition by _legal_entity, order_name) as has_draft,
        row_number() over (
            partition by _legal_entity, order_name
            order by is_draft, is_last_version desc, _read_at desc nulls last, version desc nulls last
        ) as place
    from versions
),

-- the row of a version that is no longer the last can be newer than those in it
parts as (
    select
        {{ younium.key('_root_id') }} as record_key,
        max(_read_at) as read_at
    from {{ source('younium', 'subscription_charges') }}
    group by 1
)

select
    {{ younium.key('ranked.order_name', 'ranked') }} as subscription_key,
    {{ younium.key('ranked.id', 'ranked') }} as record_key,
    {{ younium.key(younium.part('account', 'id', 'ranked'), 'ranked') }} as customer_key,
    ranked._legal_entity as legal_entity,
    {{ younium.field('orderNumber', 'ranked') }} as order_number,
    ranked.version,
    ranked.is_last_version,
    ranked.status,
    ranked.currency,
    {{ younium.day(younium.field('effectiveStartDate', 'ranked')) }} as starts_on,
    {{ younium.day(younium.field('effectiveEndDate', 'ranked')) }} as ends_on,
    {{ younium.day(younium.field('effectiveChangeDate', 'ranked')) }} as changed_on,
    {{ younium.day(younium.field('cancellationDate', 'ranked')) }} as cancellation_registered_on,
    {{ younium.field('termType', 'ranked') }} as term_type,
    ranked.term,
    {{ younium.field('isAutoRenewed', 'ranked') }} as is_auto_renewed,
    {{ younium.money(younium.part('cmrr', 'amount', 'ranked')) }} as cmrr,
    {{ younium.money(younium.part('cmrr', 'baseCurrencyAmount', 'ranked')) }} as cmrr_base,
    {{ younium.part('cmrr', 'baseCurrencyCode', 'ranked') }} as base_currency,
    case when ranked.is_last_version then ranked._read_at else parts.read_at end as read_at
from ranked
left join parts on {{ younium.key('ranked.id', 'ranked') }} = parts.record_key
where ranked.place = 1 and (ranked.is_last_version or ranked.has_draft = 1)
