-- ARR is always twelve times the MRR of a month, here the current one.
select
    mrr_key as arr_key,
    month,
    legal_entity,
    customer_key,
    customer_name,
    currency,
    mrr,
    {{ younium.money('12 * mrr') }} as arr
from {{ ref('younium__mrr') }}
where is_current_month and mrr != 0
