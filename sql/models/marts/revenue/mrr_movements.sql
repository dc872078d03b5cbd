-- the ledger: what a customer's MRR did on a day, and what caused it
with sub_ledger as (
    select * from {{ ref('mrr_movements_by_plan') }}
    where movement not in ('transfer_in', 'transfer_out')
),

causes as (
    select * from {{ ref('int_mrr_causes') }}
),

movements as (
    select
        customer_id,
        movement_date,
        movement,
        cast(sum(amount) as numeric(18, 6)) as amount,
        cast(sum(signed_amount) as numeric(18, 6)) as signed_amount
    from sub_ledger
    group by customer_id, movement_date, movement
)

select
    movements.*,
    case when movements.movement = 'fx' then null else causes.subscription_id end as subscription_id,
    case when movements.movement = 'fx' then null else causes.subscription_item_id end as subscription_item_id,
    case when movements.movement = 'fx' then null else causes.changed_at end as caused_at,
    case when movements.movement = 'fx' then 'exchange rate' else causes.origin end as caused_by
from movements
left join causes on movements.customer_id = causes.customer_id and movements.movement_date = causes.changed_date
