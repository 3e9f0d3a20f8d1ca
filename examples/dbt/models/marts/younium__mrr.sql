select
    cast(month as {{ dbt.type_string() }}) || '/' || customer_key || '/' || currency as mrr_key,
    month,
    is_current_month,
    legal_entity,
    customer_key,
    customer_name,
    currency,
    count(*) as charges,
    {{ younium.money('sum(mrr)') }} as mrr
from {{ ref('younium__mrr_by_charge') }}
group by 1, 2, 3, 4, 5, 6, 7
