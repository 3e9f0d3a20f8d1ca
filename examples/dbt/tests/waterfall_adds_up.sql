-- What a month opens with and its movements are what it closes with; that is the MRR, and opens the next month.
with movements as (
    select
        month,
        legal_entity,
        currency,
        sum(opening_mrr) as opening,
        sum(new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr) as change,
        sum(closing_mrr) as closing
    from {{ ref('younium__mrr_movements') }}
    group by 1, 2, 3
),

mrr as (
    select
        month,
        coalesce(legal_entity, '') as legal_entity,
        currency,
        sum(mrr) as mrr
    from {{ ref('younium__mrr') }}
    group by 1, 2, 3
)

select
    movements.*,
    before.closing as closing_before,
    mrr.mrr
from movements
left join movements as before
    on
        movements.month = {{ younium.later('month', 1, 'before.month') }}
        and coalesce(movements.legal_entity, '') = coalesce(before.legal_entity, '')
        and movements.currency = before.currency
left join mrr
    on
        movements.month = mrr.month
        and coalesce(movements.legal_entity, '') = mrr.legal_entity
        and movements.currency = mrr.currency
where
    movements.opening + movements.change != movements.closing
    or coalesce(before.closing, 0) != movements.opening
    or coalesce(mrr.mrr, 0) != movements.closing
