-- people whom sales accepted, whether or not marketing had qualified them before; won when their customer began to pay after that
with accepted as (
    select
        *,
        {{ local_day('sales_qualified_at') }} as sales_qualified_date
    from {{ ref('int_prospects') }}
    where sales_qualified_at is not null
)

select
    accepted.*,
    reps.owner_name,
    coalesce(accepted.opportunity_at >= accepted.sales_qualified_at, false) as is_opportunity,
    coalesce(movements.movement_date >= accepted.sales_qualified_date, false) as is_won
from accepted
left join {{ ref('sales_reps') }} as reps on accepted.system = reps.system and accepted.owner_id = reps.owner_id
left join {{ ref('mrr_movements') }} as movements
    on accepted.customer_id = movements.customer_id and movements.movement = 'new'
