-- the weekly hours that count for a system, in minutes from Sunday midnight of their zone
with schedules as (
    select
        'zendesk' as system,
        schedule_id,
        schedule_name,
        timezone_name,
        from_minute_of_week as from_minute,
        until_minute_of_week as until_minute
    from {{ ref('stg_zendesk__schedule_intervals') }}
    union all
    -- Intercom counts from Monday, and its Sunday is the beginning here
    select
        'intercom',
        schedule_id,
        schedule_name,
        timezone_name,
        case when from_minute_of_week >= 8640 then from_minute_of_week - 8640 else from_minute_of_week + 1440 end,
        case when from_minute_of_week >= 8640 then until_minute_of_week - 8640 else until_minute_of_week + 1440 end
    from {{ ref('stg_intercom__office_hours') }}
    where not coalesce(is_always_open, false)
    union all
    select distinct 'intercom', schedule_id, schedule_name, timezone_name, 0, 10080
    from {{ ref('stg_intercom__office_hours') }}
    where is_always_open
),

-- no API says which schedule a request is under: it is the named one, else the first that was made
ranked as (
    select
        *,
        rank() over (
            partition by system
            order by case when schedule_name = '{{ var("support_schedule") }}' then 0 else 1 end, length(schedule_id), schedule_id
        ) as place
    from schedules
)

select
    system,
    schedule_id,
    schedule_name,
    {{ iana_timezone('timezone_name') }} as timezone,
    from_minute,
    until_minute
from ranked
where place = 1
