-- one row per stream: until when it is complete, when it was last loaded, and what that load did
with
ranked as (
    select
        source,
        stream,
        batch_id,
        loaded_at,
        rows_new + rows_changed + rows_deleted as moved,
        max(source_as_of) over (partition by source, stream) as complete_until,
        row_number() over (partition by source, stream order by batch_id desc) as newest
    from ops.loads
)

select
    source,
    stream,
    complete_until,
    loaded_at,
    batch_id,
    moved
from ranked
where newest = 1
order by source, stream
