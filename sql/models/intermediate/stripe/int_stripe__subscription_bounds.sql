-- what holds for a whole subscription: when it starts, what it was when first seen, and when it ended
with observations as (
    select * from {{ ref('int_stripe__subscription_observations') }}
),

deleted_customers as (
    select * from {{ ref('int_stripe__deleted_customers') }}
),

first_seen as (
    select * from observations where previous_observed_at is null
),

last_seen as (
    select * from observations where next_observed_at is null
),

bounds as (
    select
        last_seen.subscription_id,
        last_seen.customer_id,
        last_seen.currency,
        last_seen.created_at,
        last_seen.started_at,
        least(last_seen.ended_at, deleted_customers.deleted_at) as ended_at,
        last_seen.trial_ended_at as final_trial_ended_at,
        first_seen.observed_at as first_observed_at,
        first_seen.origin as first_origin,
        first_seen.status as first_status,
        first_seen.trial_started_at,
        first_seen.trial_ended_at,
        first_seen.paused_at,
        case
            when first_seen.has_cancellation or first_seen.ended_at is not null then first_seen.cancellation_requested_at
        end as cancellation_requested_at
    from last_seen
    inner join first_seen on last_seen.subscription_id = first_seen.subscription_id
    left join deleted_customers on last_seen.customer_id = deleted_customers.customer_id
)

select * from bounds
