-- the versions that the new ones replace
update {table} as replaced
set valid_to = latest.extracted_at
from latest
where replaced.id = latest.id and replaced.valid_to is null and latest.is_changed
