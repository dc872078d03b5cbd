-- calendar periods of every grain; the running one ends on the day of the data
with days as (
    select * from {{ ref('int_days') }}
),

starts as (
    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] %}
    select
        '{{ grain }}' as grain,
        cast(date_trunc('{{ grain }}', day) as date) as period_start,
        day
    from days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

periods as (
    select
        grain,
        period_start,
        max(day) as last_day
    from starts
    group by grain, period_start
)

select * from periods
