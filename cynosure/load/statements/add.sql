-- new versions; a tombstone without a body keeps the last one
insert into {table}
select
    incoming.id,
    {payload} as payload,
    coalesce(incoming.payload_hash, previous.payload_hash) as payload_hash,
    incoming.source_updated_at,
    incoming.extracted_at,
    $1 as batch_id,
    incoming.extracted_at as valid_from,
    cast(null as timestamp with time zone) as valid_to,
    incoming.is_deleted
from incoming
inner join latest on incoming.n = latest.n and latest.is_changed
left join (
    select
        id,
        batch_id,
        payload,
        payload_hash
    from {table}
    where id in (select latest.id from latest where latest.is_deleted)
) as previous on incoming.is_deleted and incoming.id = previous.id and latest.previous_batch = previous.batch_id
