-- the customer's movement split over its currencies and plans; what only changes place inside a customer is a transfer
with lines as (
    select
        *,
        sum(change_amount) over customer_day as customer_change,
        sum(case when change_amount < 0 then -change_amount else 0 end) over customer_day as lost,
        sum(case when change_amount > 0 then change_amount else 0 end) over customer_day as gained,
        sum(abs(change_amount)) over (
            partition by customer_id, movement_date, sign(change_amount)
            order by currency, plan_id rows between unbounded preceding and 1 preceding
        ) as same_sign_before
    from {{ ref('int_mrr_lines') }}
    window customer_day as (partition by customer_id, movement_date)
),

steps as (
    select * from {{ ref('int_mrr_steps') }} where dimension = 'all'
),

-- the smaller side is transferred whole; it fills the other side in order
split as (
    select
        lines.*,
        case
            when lines.change_amount = 0 then 0
            when (lines.change_amount > 0) = (lines.customer_change >= 0)
                then least(
                    abs(lines.change_amount),
                    greatest(least(lines.lost, lines.gained) - coalesce(lines.same_sign_before, 0), 0)
                )
            else abs(lines.change_amount)
        end as transfer_amount,
        case
            when not steps.was_paying and steps.is_paying and not steps.has_ever_paid then 'new'
            when not steps.was_paying and steps.is_paying then 'reactivation'
            when steps.was_paying and not steps.is_paying then 'churn'
            when lines.customer_change > 0 then 'expansion'
            else 'contraction'
        end as movement
    from lines
    left join steps on lines.customer_id = steps.customer_id and lines.movement_date = steps.day
),

movements as (
    select customer_id, movement_date, currency, plan_id, 'fx' as movement, fx_amount as amount, fx_amount as signed_amount
    from split
    where fx_amount <> 0
    union all
    select
        customer_id, movement_date, currency, plan_id, movement, abs(change_amount) - transfer_amount,
        case when change_amount < 0 then transfer_amount - abs(change_amount) else abs(change_amount) - transfer_amount end
    from split
    where abs(change_amount) > transfer_amount
    union all
    select
        customer_id, movement_date, currency, plan_id, case when change_amount > 0 then 'transfer_in' else 'transfer_out' end,
        transfer_amount, case when change_amount < 0 then -transfer_amount else transfer_amount end
    from split
    where transfer_amount > 0
)

select
    customer_id,
    movement_date,
    currency,
    plan_id,
    movement,
    cast(amount as numeric(18, 6)) as amount,
    cast(signed_amount as numeric(18, 6)) as signed_amount
from movements
