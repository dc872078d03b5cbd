{{ config(materialized='view') }}

-- how many objects of each audited stream were the same at the source on each day, by the last audit of the day
with audits as {{ fence() }} (
    {{ last_findings("kind = 'audit' and (check_id like '%:ids' or check_id like '%:content')") }}
),

streams as (
    select
        found_date,
        source,
        stream,
        max(greatest({{ json_whole('detail', 'source') }}, {{ json_whole('detail', 'warehouse') }})) as all_objects,
        sum(
            coalesce({{ json_whole('detail', 'missing') }}, 0)
            + coalesce({{ json_whole('detail', 'extra') }}, 0)
            + coalesce({{ json_whole('detail', 'different') }}, 0)
        ) as other_objects
    from audits
    group by found_date, source, stream
)

select
    found_date,
    source,
    stream,
    all_objects,
    all_objects - least(other_objects, all_objects) as same_objects
from streams
