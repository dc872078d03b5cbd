-- trials, whether they are over, and whether their subscription was worth something afterwards
with states as (
    select * from {{ ref('int_stripe__subscription_states') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

periods as (
    select * from {{ ref('subscription_item_periods') }}
),

plans as (
    select * from {{ ref('plans') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

trials as (
    select
        states.subscription_id,
        bounds.customer_id,
        min(states.from_at) as trial_started_at,
        least(max(coalesce(states.until_at, bounds.ended_at)), max(bounds.ended_at)) as trial_ended_at
    from states
    inner join bounds on states.subscription_id = bounds.subscription_id
    where states.status = 'trialing'
    group by states.subscription_id, bounds.customer_id
),

outcomes as (
    select
        trials.subscription_id,
        max(case when periods.is_counted and periods.monthly_amount > 0 then 1 else 0 end) = 1 as is_converted
    from trials
    inner join periods on trials.subscription_id = periods.subscription_id and periods.from_at >= trials.trial_started_at
    group by trials.subscription_id
),

-- the plan that is tried: what is worth most of what the trial began with
tried as (
    select
        trials.subscription_id,
        periods.product_id as plan_id,
        row_number() over (
            partition by trials.subscription_id order by periods.is_metered, periods.from_at, periods.list_amount desc, periods.product_id
        ) as place
    from trials
    inner join periods on trials.subscription_id = periods.subscription_id and periods.from_at >= trials.trial_started_at
)

select
    trials.subscription_id,
    trials.customer_id,
    plans.plan_id,
    plans.plan_name,
    coalesce(groups.channel, 'unknown') as channel,
    {{ local_day('trials.trial_started_at') }} as trial_started_date,
    {{ local_day('trials.trial_ended_at') }} as trial_ended_date,
    coalesce(trials.trial_ended_at <= clock.as_of_at, false) as is_over,
    coalesce(outcomes.is_converted, false) as is_converted
from trials
inner join outcomes on trials.subscription_id = outcomes.subscription_id
inner join tried on trials.subscription_id = tried.subscription_id and tried.place = 1
inner join plans on tried.plan_id = plans.plan_id
left join {{ ref('int_customer_groups') }} as groups on trials.customer_id = groups.customer_id
cross join clock
where trials.trial_started_at <= clock.as_of_at
