-- normal is the median of the same weekday in the eight weeks before; a day without eight such weeks has no figure
with volumes as (
    select period_start as day, value as requests
    from {{ ref('ticket_volume') }}
    where grain = 'day' and dimension = 'all'
),

weeks as (
    {% for week in range(1, 9) %}
    select {{ week * 7 }} as days_before
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (
    select
        volumes.day,
        volumes.requests,
        earlier.requests as usual,
        row_number() over (partition by volumes.day order by earlier.requests) as place,
        count(*) over (partition by volumes.day) as known_weeks
    from volumes
    cross join weeks
    inner join volumes as earlier on volumes.day - weeks.days_before = earlier.day
),

normal as (
    select
        day as period_start,
        'day' as grain,
        'all' as dimension,
        'all' as member,
        requests,
        cast(sum(usual) * 0.5 as numeric(24, 6)) as usual
    from ranked
    where known_weeks = 8 and place in (4, 5)
    group by day, requests
)

{{ kpi_rate('normal', 'requests', 'usual', 'requests') }}
