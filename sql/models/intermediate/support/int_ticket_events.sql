-- what happened to tickets in Zendesk, as far as anything is measured by it; read out of the updates once
select
    ticket_event_id,
    ticket_id,
    type,
    created_at,
    comment_author_id,
    is_public_comment,
    status,
    priority,
    assignee_id
from {{ ref('stg_zendesk__ticket_events') }}
where type = 'Comment' or status is not null or priority is not null or assignee_id is not null
