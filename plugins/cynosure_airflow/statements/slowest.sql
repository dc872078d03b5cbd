-- the slowest and the failed nodes of a build
select
    node,
    status,
    seconds,
    message
from ops.model_runs
where run_id = $1
order by case when status in ('error', 'fail', 'runtime error', 'warn') then 0 else 1 end, seconds desc
limit 12
