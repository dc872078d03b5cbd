-- how balances change from day to day, next to what the ledger says; built from the daily balances alone
with clock as (
    select * from {{ ref('int_data_as_of') }}
),

balances as (
    select * from {{ ref('mrr_daily') }}
),

ledger as (
    select * from {{ ref('mrr_movements_by_plan') }}
),

changes as (
    select customer_id, currency, mrr_date as day, mrr_amount as change, native_mrr_amount as native_change, 0 as moved
    from balances
    union all
    select customer_id, currency, mrr_date + 1, -mrr_amount, -native_mrr_amount, 0
    from balances
    cross join clock
    where mrr_date < clock.last_day
    union all
    select customer_id, currency, movement_date, 0, 0, signed_amount
    from ledger
)

select
    customer_id,
    currency,
    day,
    sum(change) as change_amount,
    sum(native_change) as native_change_amount,
    sum(moved) as moved_amount
from changes
group by customer_id, currency, day
having sum(change) <> 0 or sum(native_change) <> 0 or sum(moved) <> 0
