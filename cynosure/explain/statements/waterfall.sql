-- what the ledger says of a period, and of everything before it
select customer_id, currency, plan_id, movement, movement_date < $2, sum(signed_amount)
from marts.mrr_movements_by_plan
where movement_date <= $1
group by customer_id, currency, plan_id, movement, movement_date < $2
