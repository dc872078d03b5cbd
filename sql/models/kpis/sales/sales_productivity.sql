-- a rep is who carries a quota in the quarter: since when somebody has been a user who sells is not known otherwise
with arr as (
    select period_start, grain, value from {{ ref('arr') }} where grain = 'quarter' and dimension = 'all'
),

reps as (
    select period_start, grain, count(distinct owner_id) as reps
    from {{ ref('int_quota_periods') }}
    group by period_start, grain
),

sums as (
    select
        arr.period_start,
        arr.grain,
        'all' as dimension,
        'all' as member,
        arr.value as arr_amount,
        coalesce(reps.reps, 0) as reps
    from arr
    left join reps on arr.period_start = reps.period_start and arr.grain = reps.grain
)

{{ kpi_rate('sums', 'arr_amount', 'reps', 'reps') }}
