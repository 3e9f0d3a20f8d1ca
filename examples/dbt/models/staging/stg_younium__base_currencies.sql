-- Invoices and bookings do not name the base currency of their legal entity.
select
    coalesce(legal_entity, '') as legal_entity,
    max(base_currency) as base_currency
from {{ ref('stg_younium__subscription_charges') }}
group by 1
