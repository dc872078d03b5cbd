with source as {{ fence() }} (
    {{ current_rows('zendesk', 'ticket_events', key='audit_id') }}
),

events as {{ fence() }} (
    select
        source.id as audit_id,
        {{ json_text('source.body', 'ticket_id') }} as ticket_id,
        {{ json_text('source.body', 'updater_id') }} as updater_id,
        {{ epoch('source.body', 'timestamp') }} as created_at,
        event.value as body,
        source.extracted_at,
        source.batch_id
    from source
    {{ json_elements('source.body', 'child_events', 'event') }}
),

renamed as (
    select
        {{ json_text('body', 'id') }} as ticket_event_id,
        audit_id,
        ticket_id,
        updater_id,
        {{ json_text('body', 'event_type') }} as type,
        {{ json_text('body', 'author_id') }} as comment_author_id,
        {{ json_boolean('body', 'public') }} as is_public_comment,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'priority') }} as priority,
        {{ json_text('body', 'group_id') }} as group_id,
        {{ json_text('body', 'assignee_id') }} as assignee_id,
        {{ json_text('body', 'previous_value') }} as previous_value,
        created_at,
        extracted_at,
        batch_id
    from events
)

select * from renamed
