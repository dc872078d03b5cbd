-- customers that ever paid: when they began to, and the groups that they belong to
with firsts as (
    select customer_id, movement_date, amount
    from {{ ref('mrr_movements') }}
    where movement = 'new'
),

groups as (
    select * from {{ ref('int_customer_groups') }}
)

select
    firsts.customer_id,
    firsts.movement_date as first_date,
    firsts.amount as new_mrr_amount,
    substr(cast(firsts.movement_date as text), 1, 7) as cohort,
    coalesce(groups.segment, 'unknown') as segment,
    coalesce(groups.region, 'unknown') as region,
    coalesce(groups.channel, 'unknown') as channel,
    coalesce(groups.owner_name, 'unknown') as rep
from firsts
left join groups on firsts.customer_id = groups.customer_id
