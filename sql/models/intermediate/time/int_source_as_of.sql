-- the local day up to which everything that changed at a source is in
select
    source as system,
    {{ local_day('max(source_as_of)') }} as last_day
from {{ source('ops', 'loads') }}
where source_as_of is not null
group by source
