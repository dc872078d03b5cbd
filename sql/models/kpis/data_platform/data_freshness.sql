-- the oldest table counts: figures are as fresh as the stalest of what they are made of
with ages as (
    select * from {{ ref('int_stream_ages') }}
),

last_days as (
    {% for grain in ['day', 'week', 'month', 'quarter', 'year'] %}
    select
        '{{ grain }}' as grain,
        cast(date_trunc('{{ grain }}', day) as date) as period_start,
        max(day) as last_day
    from ages
    group by cast(date_trunc('{{ grain }}', day) as date)
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

members as (
    select day, 'all' as dimension, 'all' as member, age_minutes from ages
    union all
    select day, 'source', source, age_minutes from ages
    union all
    select day, 'table', source || '.' || stream, age_minutes from ages
),

oldest as (
    select
        last_days.period_start,
        last_days.grain,
        members.dimension,
        members.member,
        max(members.age_minutes) as age_minutes,
        count(*) as tables
    from last_days
    inner join members on last_days.last_day = members.day
    group by last_days.period_start, last_days.grain, members.dimension, members.member
)

{{ kpi_value('oldest', 'age_minutes', 'tables') }}
