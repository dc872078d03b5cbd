insert into {table}
select
    gone.id,
    gone.payload,
    gone.payload_hash,
    cast(null as timestamp with time zone) as source_updated_at,
    to_timestamp($2) as extracted_at,
    $1 as batch_id,
    to_timestamp($2) as valid_from,
    cast(null as timestamp with time zone) as valid_to,
    true as is_deleted
from {table} as gone
inner join vanished on gone.id = vanished.id
where gone.batch_id = vanished.batch_id
