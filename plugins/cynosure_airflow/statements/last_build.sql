-- one row: when the newest load was recorded, when the newest build began, and how many of its nodes did not end well
with
newest as (
    select
        run_id,
        started_at
    from ops.model_runs
    order by started_at desc
    limit 1
),

build as (
    select
        min(model_runs.started_at) as began_at,
        count(case when model_runs.status in ('error', 'fail', 'runtime error', 'skipped') then 1 end) as not_well
    from ops.model_runs as model_runs
    inner join newest on newest.run_id = model_runs.run_id
)

select
    (select max(loads.loaded_at) from ops.loads as loads) as loaded_at,
    build.began_at,
    build.not_well
from build
