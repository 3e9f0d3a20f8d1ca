-- Whether Younium lists a draft of the next version as the last is not published. A warning says that it does, and that the
-- tables lack the version in force, which then has no MRR: see the assumption `younium_drafts`.
{{ config(severity='warn') }}
select *
from {{ ref('stg_younium__subscriptions') }}
where status in ('Draft', 'OrderDraft') and version > 1
