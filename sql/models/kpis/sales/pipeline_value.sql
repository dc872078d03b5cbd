-- opportunities that were open at the end of the period, at the amount that they have now or had in the end
with opportunities as (
    select * from {{ ref('int_counted_opportunities') }}
),

periods as (
    select * from {{ ref('int_activity_periods') }}
    where period_start <= {{ known_until(ref('int_counted_opportunities')) }}
),

members as (
    select 'all' as dimension, 'all' as member, created_date, close_date, status, reporting_amount from opportunities
    union all
    select 'rep', coalesce(owner_name, 'unknown'), created_date, close_date, status, reporting_amount from opportunities
    union all
    select 'type', coalesce(type, 'unknown'), created_date, close_date, status, reporting_amount from opportunities
),

parts as (
    select
        periods.period_start,
        periods.grain,
        members.dimension,
        members.member,
        members.reporting_amount,
        1 as opportunities
    from periods
    inner join members
        on members.created_date <= periods.last_day and (members.status = 'open' or members.close_date > periods.last_day)
    union all
    select period_start, grain, 'all', 'all', 0, 0 from periods
)

select
    period_start,
    grain,
    dimension,
    member,
    cast(sum(reporting_amount) as numeric(24, 6)) as value,
    cast(sum(reporting_amount) as numeric(24, 6)) as numerator,
    cast(null as numeric(24, 6)) as denominator,
    cast(sum(opportunities) as bigint) as sample_size
from parts
group by period_start, grain, dimension, member
