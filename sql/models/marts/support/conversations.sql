-- conversations in Intercom; durations by our own clock, Intercom's in office hours beside them
with categories as (
    {{ category_rows(ref('stg_intercom__conversations'), 'conversation_id', 'tags') }}
),

milestones as (
    select * from {{ ref('int_request_milestones') }} where system = 'intercom'
),

durations as (
    select * from {{ ref('int_request_durations') }} where system = 'intercom'
)

select
    conversations.conversation_id,
    customers.customer_id,
    conversations.company_id,
    conversations.state,
    conversations.channel,
    {{ category_at('categories.place') }} as category,
    teams.name as team_name,
    admins.name as agent_name,
    conversations.ticket_id,
    conversations.created_at,
    {{ local_day('conversations.created_at') }} as created_date,
    milestones.answered_at as first_reply_at,
    milestones.first_resolved_at as first_closed_at,
    case when milestones.is_resolved then milestones.last_resolved_at end as closed_at,
    {{ local_day('case when milestones.is_resolved then milestones.last_resolved_at end') }} as closed_date,
    milestones.reply_count,
    milestones.reopen_count,
    durations.answered_calendar_seconds as first_reply_calendar_seconds,
    durations.answered_business_seconds as first_reply_business_seconds,
    durations.last_resolved_calendar_seconds as full_resolution_calendar_seconds,
    durations.last_resolved_business_seconds as full_resolution_business_seconds,
    conversations.seconds_to_admin_reply as intercom_first_reply_business_seconds,
    conversations.seconds_to_last_close as intercom_full_resolution_business_seconds,
    conversations.rating,
    conversations.rating >= 4 as is_rated_good,
    {{ local_day('conversations.rated_at') }} as rated_date
from {{ ref('stg_intercom__conversations') }} as conversations
inner join milestones on conversations.conversation_id = milestones.request_id
inner join durations on conversations.conversation_id = durations.request_id
left join categories on conversations.conversation_id = categories.id
left join {{ ref('stg_intercom__teams') }} as teams on conversations.team_id = teams.team_id
left join {{ ref('stg_intercom__admins') }} as admins on conversations.admin_id = admins.admin_id
left join {{ ref('int_record_customers') }} as customers
    on customers.system = 'intercom' and customers.record_type = 'companies' and conversations.company_id = customers.record_id
