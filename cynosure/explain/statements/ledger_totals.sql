-- what the ledger adds up to since its beginning
select customer_id, currency, plan_id, count(*), sum(signed_amount)
from marts.mrr_movements_by_plan
where movement_date <= $1
group by customer_id, currency, plan_id
