-- the leads of the system that counts
select *
from {{ ref('leads') }}
where system = ({{ leading_system(var('lead_systems'), ref('leads')) }})
