-- the instants between which a request is measured; answered is the first public reply by a person of the company
with replies as (
    select
        'zendesk' as system,
        events.ticket_id as request_id,
        min(events.created_at) as answered_at,
        count(*) as reply_count
    from {{ ref('int_ticket_events') }} as events
    inner join {{ ref('int_ticket_staff') }} as staff on events.comment_author_id = staff.user_id
    inner join {{ ref('stg_zendesk__tickets') }} as tickets on events.ticket_id = tickets.ticket_id
    where events.type = 'Comment' and events.is_public_comment and events.created_at > tickets.created_at
    group by events.ticket_id
    union all
    select 'intercom', conversation_id, min(created_at), count(*)
    from {{ ref('int_conversation_events') }}
    where type = 'comment' and author_type = 'admin'
    group by conversation_id
),

turns as (
    select
        system,
        request_id,
        min(case when turn = 'created' then turned_at end) as created_at,
        min(case when turn = 'resolved' then turned_at end) as first_resolved_at,
        max(case when turn = 'resolved' then turned_at end) as last_resolved_at,
        sum(case turn when 'resolved' then 1 when 'reopened' then -1 else 0 end) = 1 as is_resolved,
        sum(case turn when 'reopened' then 1 else 0 end) as reopen_count
    from {{ ref('int_request_turns') }}
    group by system, request_id
)

select
    turns.system,
    turns.request_id,
    turns.created_at,
    replies.answered_at,
    turns.first_resolved_at,
    turns.last_resolved_at,
    turns.is_resolved,
    turns.reopen_count,
    coalesce(replies.reply_count, 0) as reply_count
from turns
left join replies on turns.system = replies.system and turns.request_id = replies.request_id
where turns.created_at is not null
