-- leads that count, and whether the customer that they belong to began to pay after them
select
    leads.*,
    coalesce(movements.movement_date >= leads.lead_date, false) as is_won
from {{ ref('int_counted_leads') }} as leads
left join {{ ref('mrr_movements') }} as movements
    on leads.customer_id = movements.customer_id and movements.movement = 'new'
