-- what reps did, in both CRMs: calls, meetings, e-mails, notes and tasks, on the day on which they were done
with engagements as (
    select 'calls' as record_type, call_id as activity_id, 'call' as type, owner_id, occurred_at as done_at
    from {{ ref('stg_hubspot__calls') }}
    where coalesce(status, 'COMPLETED') = 'COMPLETED'
    union all
    select 'meetings', meeting_id, 'meeting', owner_id, coalesce(started_at, occurred_at)
    from {{ ref('stg_hubspot__meetings') }}
    where coalesce(outcome, 'COMPLETED') = 'COMPLETED'
    union all
    select 'emails', email_id, 'email', owner_id, occurred_at
    from {{ ref('stg_hubspot__emails') }}
    where coalesce(status, 'SENT') = 'SENT' and coalesce(direction, 'EMAIL') <> 'INCOMING_EMAIL'
    union all
    select 'notes', note_id, 'note', owner_id, occurred_at from {{ ref('stg_hubspot__notes') }}
    union all
    select 'tasks', task_id, 'task', owner_id, completed_at from {{ ref('stg_hubspot__tasks') }} where status = 'COMPLETED'
),

engaged_deals as (
    select from_type, from_id, min(to_id) as deal_id
    from {{ ref('stg_hubspot__associations') }}
    where to_type = 'deals' and position = 1
    group by from_type, from_id
),

activities as (
    select
        'hubspot' as system,
        engagements.record_type,
        engagements.activity_id,
        engagements.type,
        engagements.owner_id,
        engaged_deals.deal_id as opportunity_id,
        engagements.done_at,
        cast(null as date) as planned_date
    from engagements
    left join engaged_deals
        on engagements.record_type = engaged_deals.from_type and engagements.activity_id = engaged_deals.from_id
    union all
    select
        'salesforce',
        'tasks',
        task_id,
        case lower(subtype) when 'call' then 'call' when 'email' then 'email' when 'listemail' then 'email' else 'task' end,
        owner_id,
        what_id,
        completed_at,
        activity_date
    from {{ ref('stg_salesforce__tasks') }}
    where is_closed
    union all
    select 'salesforce', 'events', event_id, 'meeting', owner_id, what_id, started_at, activity_date
    from {{ ref('stg_salesforce__events') }}
    where not coalesce(is_child, false)
)

select
    activities.system || '/' || activities.record_type || '/' || activities.activity_id as activity_key,
    activities.system,
    activities.type,
    activities.owner_id,
    reps.owner_name,
    opportunities.opportunity_key,
    activities.done_at,
    coalesce({{ local_day('activities.done_at') }}, activities.planned_date) as done_date
from activities
left join {{ ref('sales_reps') }} as reps on activities.system = reps.system and activities.owner_id = reps.owner_id
left join {{ ref('opportunities') }} as opportunities
    on activities.system = opportunities.system and activities.opportunity_id = opportunities.opportunity_id
where activities.done_at is not null or activities.planned_date is not null
