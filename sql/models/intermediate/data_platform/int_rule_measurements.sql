{{ config(materialized='view') }}

-- how many rows kept each quality rule on each day, by the last evaluation of the day
with rules as {{ fence() }} (
    {{ last_findings("kind = 'quality'") }}
)

select
    found_date,
    check_id,
    dimension,
    relation,
    {{ json_whole('detail', 'rows') }} as all_rows,
    {{ json_whole('detail', 'rows') }}
    - least({{ json_whole('detail', 'failures') }}, {{ json_whole('detail', 'rows') }}) as kept_rows
from rules
