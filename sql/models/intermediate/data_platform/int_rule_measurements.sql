{{ config(materialized='view') }}

-- how many rows kept each quality rule on each day, by the last evaluation of the day
with findings as {{ fence() }} (
    select
        check_id,
        finding_id,
        found_at,
        {{ local_day('found_at') }} as found_date,
        dimension,
        relation,
        {{ json_document('detail') }} as detail
    from {{ source('ops', 'findings') }}
    where kind = 'quality'
),

evaluations as (
    select
        *,
        row_number() over (partition by check_id, found_date order by found_at desc, finding_id) as newest
    from findings
)

select
    found_date,
    check_id,
    dimension,
    relation,
    {{ json_whole('detail', 'rows') }} as all_rows,
    {{ json_whole('detail', 'rows') }}
    - least({{ json_whole('detail', 'failures') }}, {{ json_whole('detail', 'rows') }}) as kept_rows
from evaluations
where newest = 1
