-- every place where an invariant of the MRR ledger does not hold; empty when all is well
with sums as (
    select * from {{ ref('int_identity_sums') }}
),

steps as (
    select * from {{ ref('int_identity_steps') }}
),

ledger as (
    select * from {{ ref('mrr_movements') }}
),

sub_ledger as (
    select * from {{ ref('mrr_movements_by_plan') }}
),

balances as (
    select * from {{ ref('mrr_daily') }}
),

items as (
    select * from {{ ref('subscription_item_periods') }}
),

beginnings as (
    select customer_id, max(movement_date) as movement_date, count(*) as times
    from ledger
    where movement = 'new'
    group by customer_id
),

life_events as (
    select
        *,
        lag(movement) over (partition by customer_id order by movement_date) as previous_movement
    from ledger
    where movement in ('new', 'reactivation', 'churn')
),

out_of_order as (
    select * from life_events
    where not (
        (movement = 'new' and previous_movement is null)
        or (movement = 'reactivation' and coalesce(previous_movement, '') = 'churn')
        or (movement = 'churn' and coalesce(previous_movement, '') in ('new', 'reactivation'))
    )
),

native_changes as (
    select customer_id, day, max(abs(native_change_amount)) as native_change_amount
    from steps
    group by customer_id, day
),

unmoved as (
    select ledger.*
    from ledger
    left join native_changes on ledger.customer_id = native_changes.customer_id and ledger.movement_date = native_changes.day
    where ledger.movement <> 'fx' and coalesce(native_changes.native_change_amount, 0) = 0
),

not_positive as (
    select * from sub_ledger where movement <> 'fx' and amount <= 0
),

own_currency as (
    select * from sub_ledger where movement = 'fx' and currency = '{{ var("reporting_currency") }}'
),

violations as (
    {{ violation('I4', 'beginnings', 'customer_id', 'movement_date', 'times', 1) }}
    union all
    {{ violation('I5', 'out_of_order', "customer_id || ' ' || movement", 'movement_date', 1, 0) }}
    union all
    {{ violation('I6', 'not_positive', "customer_id || ' ' || movement", 'movement_date', 'amount', 'null') }}
    union all
    {{ violation('I7', 'unmoved', "customer_id || ' ' || movement", 'movement_date', 'amount', 0) }}
    union all
    {{ violation('I8', 'own_currency', 'customer_id', 'movement_date', 'amount', 0) }}
    union all
    {{ violation(
        'I9', 'balances', "customer_id || ' ' || currency", 'mrr_date', 'greatest(native_scheduled_churn_amount - native_mrr_amount, 0)', 0
    ) }}
    union all
    {{ violation('I10', 'balances', "customer_id || ' ' || currency", 'mrr_date', 'least(native_mrr_amount, 0)', 0) }}
    union all
    {{ violation('I10', 'items', 'subscription_item_id', local_day('from_at'), 'least(monthly_amount, 0)', 0) }}
)

select * from sums
union all
select * from violations
where measured is distinct from expected
