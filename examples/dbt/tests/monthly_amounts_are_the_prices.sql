-- Younium's monthly amount against the price of the period, where the price model leaves no doubt.
select *
from {{ ref('recurring_charges') }}
where abs(mrr - monthly_price) > 0.005
