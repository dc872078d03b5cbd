-- requests for help in Zendesk; how long everything took is Zendesk's own measure
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
    from {{ ref('stg_zendesk__ticket_events') }}
    where type = 'Change' and priority = 'urgent'
    group by ticket_id
)

select
    tickets.ticket_id,
    customers.customer_id,
    tickets.organization_id,
    tickets.status,
    tickets.priority,
    tickets.channel,
    groups.name as group_name,
    agents.name as agent_name,
    tickets.created_at,
    {{ local_day('tickets.created_at') }} as created_date,
    tickets.solved_at,
    {{ local_day('tickets.solved_at') }} as solved_date,
    urgent.escalated_at,
    tickets.reply_count,
    tickets.reopen_count,
    tickets.first_reply_calendar_minutes,
    tickets.first_reply_business_minutes,
    tickets.full_resolution_calendar_minutes,
    tickets.full_resolution_business_minutes,
    ratings.score like 'good%' as is_rated_good,
    {{ local_day('ratings.updated_at') }} as rated_date
from {{ ref('stg_zendesk__tickets') }} as tickets
left join ratings on tickets.ticket_id = ratings.ticket_id and ratings.place = 1
left join urgent on tickets.ticket_id = urgent.ticket_id
left join {{ ref('stg_zendesk__groups') }} as groups on tickets.group_id = groups.group_id
left join {{ ref('stg_zendesk__users') }} as agents on tickets.assignee_id = agents.user_id
left join {{ ref('int_record_customers') }} as customers
    on customers.system = 'zendesk' and customers.record_type = 'organizations' and tickets.organization_id = customers.record_id
