-- how requests were resolved and reopened, and that they began; one row per turn
with steps as (
    select
        'zendesk' as system,
        events.ticket_id as request_id,
        events.created_at as turned_at,
        events.ticket_event_id as step_id,
        events.status in ('solved', 'closed') as is_resolved
    from {{ ref('int_ticket_events') }} as events
    inner join {{ ref('stg_zendesk__tickets') }} as tickets on events.ticket_id = tickets.ticket_id
    where events.status is not null
    union all
    select 'intercom', conversation_id, created_at, conversation_part_id, type = 'close'
    from {{ ref('int_conversation_events') }}
    where type in ('open', 'close', 'snoozed')
),

ordered as (
    select
        *,
        coalesce(lag(is_resolved) over (
            partition by system, request_id order by turned_at, length(step_id), step_id
        ), false) as was_resolved
    from steps
),

turns as (
    select system, request_id, turned_at, case when is_resolved then 'resolved' else 'reopened' end as turn
    from ordered
    where is_resolved <> was_resolved
    union all
    select 'zendesk', ticket_id, created_at, 'created' from {{ ref('stg_zendesk__tickets') }}
    union all
    select 'intercom', conversation_id, created_at, 'created' from {{ ref('stg_intercom__conversations') }}
)

select
    system,
    request_id,
    turned_at,
    {{ local_day('turned_at') }} as turned_date,
    turn
from turns
