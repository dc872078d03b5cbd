-- one movement of a kind per customer and day
select customer_id, movement_date, movement
from {{ ref('mrr_movements') }}
group by customer_id, movement_date, movement
having count(*) > 1
