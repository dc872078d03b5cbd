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
)

select
    last_days.period_start,
    last_days.grain,
    members.dimension,
    members.member,
    cast(max(members.age_minutes) as numeric(24, 6)) as value,
    cast(max(members.age_minutes) as numeric(24, 6)) as numerator,
    cast(null as numeric(24, 6)) as denominator,
    cast(count(*) as bigint) as sample_size
from last_days
inner join members on last_days.last_day = members.day
group by last_days.period_start, last_days.grain, members.dimension, members.member
