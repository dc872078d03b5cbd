-- the instant up to which everything that changed at a source is in, and its local day
select
    source as system,
    max(source_as_of) as as_of_at,
    {{ local_day('max(source_as_of)') }} as last_day
from {{ source('ops', 'loads') }}
where source_as_of is not null
group by source
