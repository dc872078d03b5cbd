-- the sales of the system that counts
select *
from {{ ref('opportunities') }}
where system = ({{ leading_system(var('opportunity_systems'), ref('opportunities')) }})
