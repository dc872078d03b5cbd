-- one row per build, the newest first
select
    run_id,
    min(started_at) as began_at,
    sum(seconds) as seconds,
    count(case when resource_type = 'model' then 1 end) as models,
    count(case when resource_type = 'test' then 1 end) as tests,
    count(case when status in ('error', 'fail', 'runtime error') then 1 end) as failed,
    count(case when status = 'skipped' then 1 end) as skipped
from ops.model_runs
group by run_id
order by began_at desc
limit 10
