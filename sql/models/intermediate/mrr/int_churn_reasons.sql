-- why a customer left, as the subscription that ended last says
with churned as (
    select customer_id, movement_date, amount, subscription_id
    from {{ ref('mrr_movements') }}
    where movement = 'churn'
),

subscriptions as (
    select * from {{ ref('stg_stripe__subscriptions') }}
),

deleted as (
    select customer_id, {{ local_day('deleted_at') }} as deleted_date from {{ ref('int_stripe__deleted_customers') }}
)

select
    churned.customer_id,
    churned.movement_date,
    churned.amount,
    case
        when deleted.deleted_date = churned.movement_date then 'customer_deleted'
        -- what a customer said about an end that was withdrawn is not why it left later
        when subscriptions.cancellation_reason = 'cancellation_requested' and subscriptions.cancellation_feedback is not null
            then subscriptions.cancellation_feedback
        else coalesce(subscriptions.cancellation_reason, 'unknown')
    end as reason
from churned
left join subscriptions on churned.subscription_id = subscriptions.subscription_id
left join deleted on churned.customer_id = deleted.customer_id
