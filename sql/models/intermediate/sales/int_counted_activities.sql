-- the activities in the system that counts for sales
select *
from {{ ref('sales_activities') }}
where system = ({{ leading_system(var('opportunity_systems'), ref('opportunities')) }})
