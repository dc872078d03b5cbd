with reps as (
    select
        period_start,
        grain,
        owner_role,
        case when won_amount >= {{ quota_reached_at('owner_role') }} * quota_amount then 1 else 0 end as has_reached
    from {{ ref('int_rep_periods') }}
    where quota_amount > 0
),

parts as (
    select period_start, grain, 'all' as dimension, 'all' as member, 0 as has_reached, 0 as reps
    from {{ ref('int_activity_periods') }}
    where grain <> 'day' and period_start <= {{ known_until(ref('int_counted_opportunities')) }}
    union all
    select period_start, grain, 'all', 'all', has_reached, 1 from reps
    union all
    select period_start, grain, 'role', owner_role, has_reached, 1 from reps
),

sums as (
    select period_start, grain, dimension, member, sum(has_reached) as has_reached, sum(reps) as reps
    from parts
    group by period_start, grain, dimension, member
)

{{ kpi_rate('sums', 'has_reached', 'reps', 'reps') }}
