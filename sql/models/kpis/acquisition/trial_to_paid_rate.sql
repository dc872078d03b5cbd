with trials as (
    select * from {{ ref('int_trials') }}
),

periods as (
    select * from {{ ref('int_periods') }} where grain <> 'day'
),

members as (
    select 'all' as dimension, 'all' as member, trial_ended_date, is_converted from trials
    union all
    select 'plan', plan_name, trial_ended_date, is_converted from trials
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
