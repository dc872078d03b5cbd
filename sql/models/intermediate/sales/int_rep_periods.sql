-- what each rep was to win in a period, and won
with periods as (
    select grain, period_start, last_day from {{ ref('int_activity_periods') }} where grain <> 'day'
),

won as (
    select
        periods.grain,
        periods.period_start,
        opportunities.owner_id,
        opportunities.owner_name,
        opportunities.owner_team,
        opportunities.owner_role,
        sum(opportunities.reporting_amount) as won_amount,
        count(*) as won_opportunities
    from {{ ref('int_counted_opportunities') }} as opportunities
    inner join periods on periods.period_start <= opportunities.close_date and opportunities.close_date <= periods.last_day
    where opportunities.status = 'won' and opportunities.close_date <= {{ known_until(ref('int_counted_opportunities')) }}
    group by
        periods.grain,
        periods.period_start,
        opportunities.owner_id,
        opportunities.owner_name,
        opportunities.owner_team,
        opportunities.owner_role
),

parts as (
    select grain, period_start, owner_id, owner_name, owner_team, owner_role, won_amount, won_opportunities, 0 as quota_amount, 0 as quotas
    from won
    union all
    select grain, period_start, owner_id, owner_name, owner_team, owner_role, 0, 0, quota_amount, 1
    from {{ ref('int_quota_periods') }}
)

select
    grain,
    period_start,
    owner_id,
    coalesce(owner_name, 'unknown') as owner_name,
    coalesce(owner_team, 'unknown') as owner_team,
    coalesce(owner_role, 'unknown') as owner_role,
    sum(won_amount) as won_amount,
    sum(won_opportunities) as won_opportunities,
    sum(quota_amount) as quota_amount,
    max(quotas) > 0 as has_quota
from parts
group by grain, period_start, owner_id, owner_name, owner_team, owner_role
