update {table} as replaced
set valid_to = to_timestamp($1)
from vanished
where replaced.id = vanished.id and replaced.valid_to is null
