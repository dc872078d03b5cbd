-- status of a subscription from an instant on; before the first observation it follows from start, trial and cancellation dates
with observations as (
    select * from {{ ref('int_stripe__subscription_observations') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

schedules as (
    select * from {{ ref('stg_stripe__subscription_schedules') }}
    where end_behavior = 'cancel'
),

-- a subscription that its schedule has begun is told of before it names the schedule: the schedule names it
begun as (
    select subscription_id, min(created_at) as scheduled_at
    from schedules
    where subscription_id is not null and released_at is null
    group by subscription_id
),

earlier_instants as (
    select subscription_id, started_at as from_at from bounds
    union
    select subscription_id, trial_ended_at from bounds where trial_ended_at > started_at
    union
    select subscription_id, paused_at from bounds where first_status = 'paused' and paused_at > started_at
    union
    select subscription_id, cancellation_requested_at from bounds where cancellation_requested_at > started_at
),

earlier as (
    select
        bounds.subscription_id,
        instants.from_at,
        case
            when bounds.first_status in ('incomplete', 'incomplete_expired') then bounds.first_status
            when instants.from_at >= bounds.trial_started_at and instants.from_at < bounds.trial_ended_at then 'trialing'
            when bounds.first_status = 'paused' and instants.from_at >= coalesce(bounds.paused_at, bounds.trial_ended_at) then 'paused'
            else 'active'
        end as status,
        false as is_collection_paused,
        coalesce(instants.from_at >= bounds.cancellation_requested_at, false) as is_cancellation_scheduled,
        bounds.first_origin as origin
    from bounds
    inner join earlier_instants as instants on bounds.subscription_id = instants.subscription_id
    where instants.from_at < bounds.first_observed_at
),

seen as (
    select
        observations.subscription_id,
        observations.observed_at as from_at,
        observations.status,
        observations.is_collection_paused,
        observations.has_cancellation
        or schedules.subscription_schedule_id is not null
        or coalesce(begun.scheduled_at <= observations.observed_at, false) as is_cancellation_scheduled,
        observations.origin
    from observations
    left join schedules on observations.schedule_id = schedules.subscription_schedule_id
    left join begun on observations.subscription_id = begun.subscription_id
),

states as (
    select * from earlier
    union all
    select * from seen
),

changes as (
    select
        *,
        row_number() over (partition by subscription_id order by from_at) as sequence,
        lag(status) over (partition by subscription_id order by from_at) as previous_status,
        lag(is_collection_paused) over (partition by subscription_id order by from_at) as previously_paused,
        lag(is_cancellation_scheduled) over (partition by subscription_id order by from_at) as previously_scheduled
    from states
),

bounded as (
    select
        subscription_id,
        from_at,
        lead(from_at) over (partition by subscription_id order by from_at) as until_at,
        status,
        is_collection_paused,
        is_cancellation_scheduled,
        origin
    from changes
    where
        sequence = 1 or status <> previous_status or is_collection_paused <> previously_paused
        or is_cancellation_scheduled <> previously_scheduled
)

select * from bounded
