-- the plan that a customer pays, or last paid, most for
with balances as (
    select
        balances.customer_id,
        plans.plan_name,
        row_number() over (
            partition by balances.customer_id
            order by balances.until_day desc, {{ converted('balances.mrr', 'rates.rate') }} desc, plans.plan_name
        ) as place
    from {{ ref('int_mrr_balances') }} as balances
    inner join {{ ref('plans') }} as plans on balances.plan_id = plans.plan_id
    left join {{ ref('exchange_rates') }} as rates
        on balances.currency = rates.currency and balances.until_day - 1 = rates.rate_date
    where balances.mrr > 0
)

select customer_id, plan_name
from balances
where place = 1
