-- Whether charges that a change has replaced stay listed is not published. A warning says that they do, without an end of
-- their own, and so would count twice: see the assumption `younium_replaced_charges`.
{{ config(severity='warn') }}
select *
from {{ ref('stg_younium__subscription_charges') }}
where is_replaced and ends_on is null and charge_type = 'Recurring'
