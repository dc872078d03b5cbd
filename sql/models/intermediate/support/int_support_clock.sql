-- the opening hours of every day in each system's own zone, and the seconds of them that had passed before
with first_days as (
    select min(created_at) as first_at from {{ ref('stg_zendesk__tickets') }}
    union all
    select min(created_at) from {{ ref('stg_intercom__conversations') }}
),

bounds as (
    select
        {{ local_day('min(first_at)') }} as first_day,
        (select max(last_day) from {{ ref('int_source_as_of') }} where system in ('zendesk', 'intercom')) as last_day
    from first_days
),

-- a day more on either side: the schedule's zone may be ahead of the company's or behind it
days as (
    {{ date_spine("(select first_day - interval '1 day' from bounds)", "(select last_day + interval '1 day' from bounds)") }}
),

schedules as (
    select distinct system, schedule_id, timezone from {{ ref('int_support_hours') }}
),

open_days as (
    select
        schedules.system,
        schedules.schedule_id,
        schedules.timezone,
        days.day,
        cast(extract(dow from days.day) as integer) * 1440 as midnight,
        count(holidays.schedule_id) = 0 as is_open
    from schedules
    cross join days
    left join {{ ref('stg_zendesk__schedule_holidays') }} as holidays
        on
            schedules.system = 'zendesk' and schedules.schedule_id = holidays.schedule_id
            and holidays.first_day <= days.day and days.day <= holidays.last_day
    group by schedules.system, schedules.schedule_id, schedules.timezone, days.day
),

walls as (
    select
        open_days.system,
        open_days.timezone,
        open_days.day,
        -- greatest and least pass over null, which here means closed
        case
            when hours.system is not null
                then cast(open_days.day as timestamp) + interval '1 minute' * greatest(hours.from_minute - open_days.midnight, 0)
        end as opens,
        case
            when hours.system is not null
                then cast(open_days.day as timestamp) + interval '1 minute' * least(hours.until_minute - open_days.midnight, 1440)
        end as closes
    from open_days
    left join {{ ref('int_support_hours') }} as hours
        on
            open_days.is_open and open_days.system = hours.system
            and hours.from_minute < open_days.midnight + 1440 and open_days.midnight < hours.until_minute
),

spans as (
    select
        system,
        timezone,
        day,
        cast(extract(epoch from opens at time zone timezone) as bigint) as opens_second,
        cast(extract(epoch from closes at time zone timezone) as bigint) as closes_second
    from walls
)

select
    system,
    timezone,
    day,
    opens_second,
    closes_second,
    coalesce(
        sum(closes_second - opens_second) over (
            partition by system order by day, opens_second rows between unbounded preceding and 1 preceding
        ), 0
    ) as seconds_before
from spans
