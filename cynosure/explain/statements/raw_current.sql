-- the newest version of each object whose body is known
select id, payload, payload_hash, extracted_at, batch_id
from (
    select
        *,
        row_number() over (partition by id order by extracted_at desc) as recency
    from {table}
    where payload is not null and id in (select unnest(cast($1 as text[])))
) as versions
where recency = 1
