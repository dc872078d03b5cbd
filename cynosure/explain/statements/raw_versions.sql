-- single versions of objects, named id@second in which they were read
select named, payload, payload_hash, extracted_at, batch_id
from (
    select *, id || '@' || cast(extract(epoch from extracted_at) as bigint) as named
    from {table}
    where payload is not null and id in (select split_part(unnest(cast($1 as text[])), '@', 1))
) as versions
where named in (select unnest(cast($1 as text[])))
order by extracted_at
