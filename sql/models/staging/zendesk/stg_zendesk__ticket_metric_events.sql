with source as {{ fence() }} (
    {{ current_rows('zendesk', 'ticket_metric_events', key='ticket_metric_event_id') }}
),

renamed as (
    select
        id as ticket_metric_event_id,
        {{ json_text('body', 'ticket_id') }} as ticket_id,
        {{ json_text('body', 'metric') }} as metric,
        {{ json_whole('body', 'instance_id') }} as instance_number,
        {{ json_text('body', 'type') }} as type,
        {{ json_instant('body', 'time') }} as occurred_at,
        {{ json_whole('body', 'status.calendar') }} as status_calendar_minutes,
        {{ json_whole('body', 'status.business') }} as status_business_minutes,
        {{ json_whole('body', 'sla.target') }} as sla_target_minutes,
        {{ json_boolean('body', 'sla.business_hours') }} as sla_in_business_hours,
        {{ json_text('body', 'sla.policy.id') }} as sla_policy_id,
        {{ json_boolean('body', 'deleted') }} as is_deleted,
        extracted_at,
        batch_id
    from source
)

select * from renamed
