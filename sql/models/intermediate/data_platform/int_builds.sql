{{ config(materialized='view') }}

-- builds of all models, or of some of them: when, how long their nodes took together, and whether all ended well
select
    run_id,
    {{ local_day('min(started_at)') }} as build_date,
    run_id not like 'partial-%' as is_whole,
    cast(sum(cast(seconds as numeric(18, 6))) as numeric(18, 6)) as node_seconds,
    min(case when status in ('error', 'fail', 'runtime error', 'skipped') then 0 else 1 end) as went_well
from {{ source('ops', 'model_runs') }}
group by run_id
