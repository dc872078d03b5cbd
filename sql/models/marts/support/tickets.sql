-- requests for help in Zendesk; durations by our own clock, Zendesk's beside them
with ratings as (
    select
        ticket_id,
        score,
        updated_at,
        row_number() over (partition by ticket_id order by updated_at desc, satisfaction_rating_id desc) as place
    from {{ ref('stg_zendesk__satisfaction_ratings') }}
    where score like 'good%' or score like 'bad%'
),

-- who asks urgently at once was not escalated
urgent as (
    select ticket_id, min(created_at) as escalated_at
    from {{ ref('int_ticket_events') }}
    where type = 'Change' and priority = 'urgent'
    group by ticket_id
),

categories as (
    {{ category_rows(ref('stg_zendesk__tickets'), 'ticket_id', 'tags') }}
),

milestones as (
    select * from {{ ref('int_request_milestones') }} where system = 'zendesk'
),

durations as (
    select * from {{ ref('int_request_durations') }} where system = 'zendesk'
)

select
    tickets.ticket_id,
    customers.customer_id,
    tickets.organization_id,
    tickets.status,
    tickets.priority,
    tickets.channel,
    {{ category_at('categories.place') }} as category,
    groups.name as group_name,
    agents.name as agent_name,
    tickets.created_at,
    {{ local_day('tickets.created_at') }} as created_date,
    milestones.answered_at as first_reply_at,
    milestones.first_resolved_at,
    case when milestones.is_resolved then milestones.last_resolved_at end as solved_at,
    {{ local_day('case when milestones.is_resolved then milestones.last_resolved_at end') }} as solved_date,
    urgent.escalated_at,
    milestones.reply_count,
    milestones.reopen_count,
    durations.answered_calendar_seconds as first_reply_calendar_seconds,
    durations.answered_business_seconds as first_reply_business_seconds,
    durations.first_resolved_calendar_seconds as first_resolution_calendar_seconds,
    durations.first_resolved_business_seconds as first_resolution_business_seconds,
    durations.last_resolved_calendar_seconds as full_resolution_calendar_seconds,
    durations.last_resolved_business_seconds as full_resolution_business_seconds,
    tickets.first_reply_calendar_minutes as zendesk_first_reply_calendar_minutes,
    tickets.first_reply_business_minutes as zendesk_first_reply_business_minutes,
    tickets.first_resolution_calendar_minutes as zendesk_first_resolution_calendar_minutes,
    tickets.first_resolution_business_minutes as zendesk_first_resolution_business_minutes,
    tickets.full_resolution_calendar_minutes as zendesk_full_resolution_calendar_minutes,
    tickets.full_resolution_business_minutes as zendesk_full_resolution_business_minutes,
    ratings.score like 'good%' as is_rated_good,
    {{ local_day('ratings.updated_at') }} as rated_date
from {{ ref('stg_zendesk__tickets') }} as tickets
inner join milestones on tickets.ticket_id = milestones.request_id
inner join durations on tickets.ticket_id = durations.request_id
left join categories on tickets.ticket_id = categories.id
left join ratings on tickets.ticket_id = ratings.ticket_id and ratings.place = 1
left join urgent on tickets.ticket_id = urgent.ticket_id
left join {{ ref('stg_zendesk__groups') }} as groups on tickets.group_id = groups.group_id
left join {{ ref('stg_zendesk__users') }} as agents on tickets.assignee_id = agents.user_id
left join {{ ref('int_record_customers') }} as customers
    on customers.system = 'zendesk' and customers.record_type = 'organizations' and tickets.organization_id = customers.record_id
