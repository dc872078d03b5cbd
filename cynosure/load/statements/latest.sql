-- the newest line of each object in the batch, compared with the version that is current
create temporary table latest as
select
    incoming.n,
    incoming.id,
    incoming.is_deleted,
    incoming.payload_hash,
    incoming.source_updated_at,
    incoming.extracted_at,
    current_version.batch_id as previous_batch,
    current_version.id is null as is_new,
    current_version.id is null
    or (incoming.payload_hash is not null and incoming.payload_hash is distinct from current_version.payload_hash)
    or incoming.is_deleted <> current_version.is_deleted as is_changed
from (
    select
        n,
        id,
        payload_hash,
        source_updated_at,
        is_deleted,
        extracted_at,
        row_number() over (partition by id order by n desc) as newest
    from incoming
) as incoming
left join {table} as current_version on incoming.id = current_version.id and current_version.valid_to is null
where incoming.newest = 1
