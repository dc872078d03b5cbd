-- what a complete listing (batches from $1 on) did not contain is gone at the source
create temporary table vanished as
select
    current_version.id,
    current_version.batch_id
from {table} as current_version
where
    current_version.valid_to is null
    and not current_version.is_deleted
    and current_version.batch_id < $1
    and not exists (select 1 from seen where seen.id = current_version.id)
