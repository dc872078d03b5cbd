-- new versions without a body, which are tombstones: each keeps the last body there was
insert into {table}
select
    latest.id,
    previous.payload,
    previous.payload_hash,
    latest.source_updated_at,
    latest.extracted_at,
    $1 as batch_id,
    latest.extracted_at as valid_from,
    cast(null as timestamp with time zone) as valid_to,
    latest.is_deleted
from latest
left join (
    select
        id,
        batch_id,
        payload,
        payload_hash
    from {table}
    where id in (select latest.id from latest where latest.is_deleted)
) as previous on latest.is_deleted and latest.id = previous.id and latest.previous_batch = previous.batch_id
where latest.is_changed and latest.payload_hash is null
