-- what a slice saw; an object that was seen before is seen anew. A line without a body has no hash
insert into ops.audit_seen
select
    $1 as source,
    $2 as stream,
    latest.id,
    latest.payload_hash,
    latest.source_updated_at,
    latest.extracted_at as seen_at
from (
    select
        id,
        payload_hash,
        source_updated_at,
        extracted_at,
        row_number() over (partition by id order by n desc) as newest
    from walked
    where not is_deleted
) as latest
where latest.newest = 1
