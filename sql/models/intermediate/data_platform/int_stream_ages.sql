{{ config(materialized='view') }}

-- at the end of each day since the first load (of the newest one, at its last load): minutes since each stream was complete
with loads as (
    select
        source,
        stream,
        {{ local_day('loaded_at') }} as loaded_date,
        loaded_at,
        source_as_of
    from {{ source('ops', 'loads') }}
),

days as (
    {{ date_spine('(select min(loaded_date) from loads)', '(select max(loaded_date) from loads)') }}
),

ends as (
    select
        day,
        least(
            cast(day + interval '1 day' as timestamp) at time zone '{{ var("timezone") }}', (select max(loaded_at) from loads)
        ) as end_at
    from days
),

streams as (
    select
        source,
        stream,
        min(loaded_date) as first_date
    from loads
    group by source, stream
),

read_up_to as (
    select
        source,
        stream,
        loaded_date,
        max(source_as_of) as source_as_of
    from loads
    group by source, stream, loaded_date
),

known as (
    select
        ends.day,
        ends.end_at,
        streams.source,
        streams.stream,
        max(read_up_to.source_as_of) over (
            partition by streams.source, streams.stream
            order by ends.day
            rows between unbounded preceding and current row
        ) as source_as_of
    from ends
    inner join streams on ends.day >= streams.first_date
    left join read_up_to
        on ends.day = read_up_to.loaded_date and streams.source = read_up_to.source and streams.stream = read_up_to.stream
)

select
    day,
    source,
    stream,
    cast(extract(epoch from end_at - source_as_of) as numeric(24, 6)) / 60 as age_minutes
from known
where source_as_of is not null
