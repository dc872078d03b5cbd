-- tickets and conversations as requests for help, and what is known of who asks; durations in seconds
with requests as (
    select
        'zendesk' as system,
        ticket_id as request_id,
        customer_id,
        priority,
        channel,
        category,
        agent_name,
        created_date,
        solved_date as resolved_date,
        first_reply_calendar_seconds,
        first_reply_business_seconds,
        full_resolution_calendar_seconds,
        full_resolution_business_seconds,
        reply_count,
        reopen_count,
        escalated_at is not null as is_escalated,
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
        category,
        agent_name,
        created_date,
        closed_date,
        first_reply_calendar_seconds,
        first_reply_business_seconds,
        full_resolution_calendar_seconds,
        full_resolution_business_seconds,
        reply_count,
        reopen_count,
        ticket_id is not null,
        is_rated_good,
        rated_date
    from {{ ref('conversations') }}
)

select
    requests.*,
    case
        when requests.resolved_date is null then null
        when requests.reply_count <= {{ var('simple_replies') }} then 'simple'
        when requests.reply_count <= {{ var('moderate_replies') }} then 'moderate'
        else 'complex'
    end as complexity,
    customers.segment,
    plans.plan_name
from requests
left join {{ ref('customers') }} as customers on requests.customer_id = customers.customer_id
left join {{ ref('int_customer_plans') }} as plans on requests.customer_id = plans.customer_id
