-- the median does not follow the few that were forgotten over a holiday
with requests as (
    select * from {{ ref('int_support_requests') }}
    where first_reply_minutes is not null and created_date <= {{ known_until(ref('int_support_requests')) }}
),

members as (
    select 'all' as dimension, 'all' as member, created_date, first_reply_minutes from requests
    union all
    select 'system', system, created_date, first_reply_minutes from requests
    union all
    select 'priority', coalesce(priority, 'unknown'), created_date, first_reply_minutes from requests
    union all
    select 'channel', coalesce(channel, 'unknown'), created_date, first_reply_minutes from requests
),

grains as (
    select distinct grain from {{ ref('int_activity_periods') }}
),

medians as (
    select
        cast(date_trunc(grains.grain, members.created_date) as date) as period_start,
        grains.grain,
        members.dimension,
        members.member,
        percentile_disc(0.5) within group (order by members.first_reply_minutes) as median_minutes,
        count(*) as sample_size
    from members
    cross join grains
    group by cast(date_trunc(grains.grain, members.created_date) as date), grains.grain, members.dimension, members.member
)

select
    period_start,
    grain,
    dimension,
    member,
    {{ exact_ratio('median_minutes', '60') }} as value,
    cast(null as numeric(24, 6)) as numerator,
    cast(null as numeric(24, 6)) as denominator,
    sample_size
from medians
