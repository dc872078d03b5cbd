-- quotas by calendar period: a quota is spread evenly over the days of its own period
with periods as (
    select
        grain,
        period_start,
        {{ last_day_of_period('grain', 'period_start') }} as last_day
    from {{ ref('int_activity_periods') }}
    where grain <> 'day' and period_start <= {{ known_until(ref('int_counted_opportunities')) }}
),

shares as (
    select
        periods.grain,
        periods.period_start,
        quotas.owner_id,
        quotas.owner_name,
        quotas.owner_team,
        quotas.owner_role,
        quotas.reporting_amount,
        quotas.last_date - quotas.start_date + 1 as quota_days,
        least(quotas.last_date, periods.last_day) - greatest(quotas.start_date, periods.period_start) + 1 as shared_days
    from {{ ref('quotas') }} as quotas
    inner join periods on quotas.start_date <= periods.last_day and periods.period_start <= quotas.last_date
)

select
    grain,
    period_start,
    owner_id,
    owner_name,
    owner_team,
    owner_role,
    sum({{ exact_ratio('cast(reporting_amount as numeric(18, 6)) * cast(shared_days as numeric(4, 0))', 'quota_days') }}) as quota_amount
from shares
group by grain, period_start, owner_id, owner_name, owner_team, owner_role
