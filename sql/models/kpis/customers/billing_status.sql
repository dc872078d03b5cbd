-- how payments of a customer stand at the end of each of the last days: good, fair (late or failed lately) or bad (unpaid)
with days as (
    select days.day
    from {{ ref('int_days') }} as days
    cross join {{ ref('int_data_as_of') }} as clock
    where days.day > clock.last_day - 31
),

states as (
    select
        bounds.customer_id,
        states.subscription_id,
        states.status,
        {{ local_day('states.from_at') }} as from_day,
        {{ local_day('least(states.until_at, bounds.ended_at)') }} as until_day
    from {{ ref('int_stripe__subscription_states') }} as states
    inner join {{ ref('int_stripe__subscription_bounds') }} as bounds on states.subscription_id = bounds.subscription_id
    where states.status in ('active', 'trialing', 'paused', 'past_due', 'unpaid')
),

failures as (
    select distinct customer_id, created_date from {{ ref('payments') }} where is_failed
),

running as (
    select
        days.day,
        states.customer_id,
        min(case states.status when 'unpaid' then 0 when 'past_due' then 1 else 2 end) as status,
        count(*) as subscriptions
    from days
    inner join states on states.from_day <= days.day and (states.until_day is null or days.day < states.until_day)
    group by days.day, states.customer_id
),

failed as (
    select days.day, failures.customer_id
    from days
    inner join failures on failures.created_date <= days.day and days.day < failures.created_date + 30
    group by days.day, failures.customer_id
),

statuses as (
    select
        running.day as period_start,
        'day' as grain,
        'customer' as dimension,
        running.customer_id as member,
        case when failed.customer_id is null then running.status else least(running.status, 1) end as status,
        running.subscriptions
    from running
    left join failed on running.day = failed.day and running.customer_id = failed.customer_id
)

{{ kpi_value('statuses', 'status', 'subscriptions') }}
