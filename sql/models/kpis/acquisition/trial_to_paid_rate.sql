with trials as (
    select *, substr(cast(trial_started_date as text), 1, 7) as trial_cohort from {{ ref('int_trials') }} where is_over
),

periods as (
    select * from {{ ref('int_periods') }}
),

members as (
    select 'all' as dimension, 'all' as member, trial_ended_date, is_converted from trials
    union all
    select 'plan', plan_name, trial_ended_date, is_converted from trials
    union all
    select 'channel', channel, trial_ended_date, is_converted from trials
    union all
    select 'trial_cohort', trial_cohort, trial_ended_date, is_converted from trials
),

counts as (
    select
        periods.grain,
        periods.period_start,
        members.dimension,
        members.member,
        count(*) as ended,
        sum(case when members.is_converted then 1 else 0 end) as converted
    from periods
    inner join members on periods.period_start <= members.trial_ended_date and members.trial_ended_date <= periods.last_day
    group by periods.grain, periods.period_start, members.dimension, members.member
),

rates as (
    {{ kpi_rate('counts', 'converted', 'ended', 'ended') }}
)

select * from rates
