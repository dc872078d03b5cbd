with source as {{ fence() }} (
    {{ current_rows('zendesk', 'tickets', key='ticket_id') }}
),

renamed as (
    select
        id as ticket_id,
        {{ json_text('body', 'subject') }} as subject,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'priority') }} as priority,
        {{ json_text('body', 'via.channel') }} as channel,
        {{ json_text('body', 'requester_id') }} as requester_id,
        {{ json_text('body', 'assignee_id') }} as assignee_id,
        {{ json_text('body', 'group_id') }} as group_id,
        {{ json_text('body', 'organization_id') }} as organization_id,
        {{ json_text('body', 'brand_id') }} as brand_id,
        {{ json_text('body', 'ticket_form_id') }} as ticket_form_id,
        {{ json_text('body', 'problem_id') }} as problem_id,
        {{ json_value('body', 'tags') }} as tags,
        {{ json_text('body', 'satisfaction_rating.score') }} as satisfaction_score,
        {{ json_whole('body', 'metric_set.replies') }} as reply_count,
        {{ json_whole('body', 'metric_set.reopens') }} as reopen_count,
        {{ json_whole('body', 'metric_set.assignee_stations') }} as assignee_count,
        {{ json_whole('body', 'metric_set.group_stations') }} as group_count,
        {{ json_whole('body', 'metric_set.reply_time_in_minutes.calendar') }} as first_reply_calendar_minutes,
        {{ json_whole('body', 'metric_set.reply_time_in_minutes.business') }} as first_reply_business_minutes,
        {{ json_whole('body', 'metric_set.first_resolution_time_in_minutes.calendar') }} as first_resolution_calendar_minutes,
        {{ json_whole('body', 'metric_set.first_resolution_time_in_minutes.business') }} as first_resolution_business_minutes,
        {{ json_whole('body', 'metric_set.full_resolution_time_in_minutes.calendar') }} as full_resolution_calendar_minutes,
        {{ json_whole('body', 'metric_set.full_resolution_time_in_minutes.business') }} as full_resolution_business_minutes,
        {{ json_whole('body', 'metric_set.requester_wait_time_in_minutes.calendar') }} as requester_wait_calendar_minutes,
        {{ json_whole('body', 'metric_set.requester_wait_time_in_minutes.business') }} as requester_wait_business_minutes,
        {{ json_whole('body', 'metric_set.agent_wait_time_in_minutes.calendar') }} as agent_wait_calendar_minutes,
        {{ json_whole('body', 'metric_set.agent_wait_time_in_minutes.business') }} as agent_wait_business_minutes,
        {{ json_whole('body', 'metric_set.on_hold_time_in_minutes.calendar') }} as on_hold_calendar_minutes,
        {{ json_whole('body', 'metric_set.on_hold_time_in_minutes.business') }} as on_hold_business_minutes,
        {{ json_instant('body', 'metric_set.initially_assigned_at') }} as initially_assigned_at,
        {{ json_instant('body', 'metric_set.solved_at') }} as solved_at,
        {{ json_instant('body', 'metric_set.status_updated_at') }} as status_changed_at,
        {{ json_instant('body', 'due_at') }} as due_at,
        {{ json_instant('body', 'created_at') }} as created_at,
        {{ json_instant('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
