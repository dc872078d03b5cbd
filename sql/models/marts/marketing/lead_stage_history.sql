-- the stages of the lifecycle that people went through in HubSpot, in order; being set back is entering again
select
    'hubspot/' || object_id as lead_key,
    'hubspot' as system,
    object_id as lead_id,
    row_number() over (partition by object_id order by changed_at, recency desc) as step,
    value as stage,
    changed_at as entered_at,
    lead(changed_at) over (partition by object_id order by changed_at, recency desc) as left_at
from {{ ref('stg_hubspot__property_history') }}
where object_type = 'contacts' and property = 'lifecyclestage' and value is not null
