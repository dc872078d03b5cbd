-- conversations in Intercom; durations by the calendar, and as Intercom measures them: in office hours, where there are any
select
    conversations.conversation_id,
    customers.customer_id,
    conversations.company_id,
    conversations.state,
    conversations.channel,
    teams.name as team_name,
    admins.name as agent_name,
    conversations.created_at,
    {{ local_day('conversations.created_at') }} as created_date,
    conversations.first_admin_reply_at,
    conversations.first_closed_at,
    conversations.last_closed_at,
    {{ local_day('conversations.last_closed_at') }} as last_closed_date,
    cast(extract(epoch from conversations.first_admin_reply_at - conversations.created_at) as bigint) as first_reply_calendar_seconds,
    conversations.seconds_to_admin_reply as first_reply_business_seconds,
    cast(extract(epoch from conversations.last_closed_at - conversations.created_at) as bigint) as resolution_calendar_seconds,
    conversations.seconds_to_last_close as resolution_business_seconds,
    conversations.reopen_count,
    conversations.rating,
    conversations.rating >= 4 as is_rated_good,
    {{ local_day('conversations.rated_at') }} as rated_date
from {{ ref('stg_intercom__conversations') }} as conversations
left join {{ ref('stg_intercom__teams') }} as teams on conversations.team_id = teams.team_id
left join {{ ref('stg_intercom__admins') }} as admins on conversations.admin_id = admins.admin_id
left join {{ ref('int_record_customers') }} as customers
    on customers.system = 'intercom' and customers.record_type = 'companies' and conversations.company_id = customers.record_id
