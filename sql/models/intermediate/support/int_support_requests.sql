-- tickets and conversations as requests for help; durations in minutes
select
    'zendesk' as system,
    ticket_id as request_id,
    customer_id,
    priority,
    channel,
    agent_name,
    created_date,
    cast(first_reply_calendar_minutes as numeric(24, 6)) as first_reply_minutes,
    is_rated_good,
    rated_date
from {{ ref('tickets') }}
union all
select
    'intercom',
    conversation_id,
    customer_id,
    null,
    channel,
    agent_name,
    created_date,
    {{ exact_ratio('first_reply_calendar_seconds', '60') }},
    is_rated_good,
    rated_date
from {{ ref('conversations') }}
