-- calendar periods of marketing, sales and support, of every grain; the running one ends on the day of the data
with starts as (
    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] %}
    select '{{ grain }}' as grain, cast(date_trunc('{{ grain }}', day) as date) as period_start, day
    from {{ ref('int_activity_days') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    grain,
    period_start,
    max(day) as last_day
from starts
group by grain, period_start
