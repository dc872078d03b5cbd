-- answers in Intercom's conversations, and what opened and closed them; read out of the conversations once
select
    conversation_part_id,
    conversation_id,
    type,
    author_type,
    created_at
from {{ ref('stg_intercom__conversation_parts') }}
where type in ('comment', 'open', 'close', 'snoozed')
