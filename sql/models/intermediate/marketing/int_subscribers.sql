-- contacts who may be written to; when somebody withdrew is not told, only that he did
select
    'hubspot' as system,
    contact_id,
    {{ local_day('created_at') }} as created_date
from {{ ref('stg_hubspot__contacts') }}
where email is not null and not coalesce(is_unsubscribed, false)
