-- where source and warehouse differ, and the warehouse had the time to know: what it read after an object was seen
-- is newer than the walk and says nothing
create temporary table candidates as
with here as (
    select
        id,
        payload_hash,
        extracted_at,
        is_deleted
    from {table}
    where valid_to is null
),

there as (
    select
        id,
        payload_hash,
        source_updated_at,
        seen_at
    from ops.audit_seen
    where source = $1 and stream = $2
),

compared as (
    select
        coalesce(there.id, here.id) as id,
        case
            when there.id is null then 'extra'
            when here.id is null or here.is_deleted then 'missing'
            else 'different'
        end as kind,
        here.payload_hash as here_hash,
        coalesce(here.is_deleted, false) as buried,
        here.extracted_at as read_at,
        there.payload_hash as there_hash,
        there.source_updated_at as changed_at,
        there.seen_at
    from there
    full outer join here on there.id = here.id
)

select
    id,
    kind,
    here_hash,
    buried,
    changed_at,
    case
        when coalesce(seen_at, $4) <= $5 or changed_at <= $5 then 'decided'
        when changed_at > $5 then 'in_flight'
        else 'undecided'
    end as verdict
from compared
where
    (kind = 'extra' and not buried and read_at <= $3)
    or (kind = 'missing' and (read_at is null or read_at <= seen_at))
    or (kind = 'different' and there_hash is not null and there_hash is distinct from here_hash and read_at <= seen_at)
