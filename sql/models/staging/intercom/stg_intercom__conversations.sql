with source as {{ fence() }} (
    {{ current_rows('intercom', 'conversations', key='conversation_id') }}
),

renamed as (
    select
        id as conversation_id,
        {{ json_text('body', 'state') }} as state,
        {{ json_text('body', 'priority') }} as priority,
        {{ json_text('body', 'source.type') }} as channel,
        {{ json_text('body', 'source.delivered_as') }} as initiated_by,
        {{ json_first_text('body', 'contacts.contacts', 'id') }} as contact_id,
        {{ json_text('body', 'company.id') }} as company_id,
        {{ json_text('body', 'admin_assignee_id') }} as admin_id,
        {{ json_text('body', 'team_assignee_id') }} as team_id,
        {{ json_text('body', 'ticket.id') }} as ticket_id,
        {{ json_value('body', 'tags.tags') }} as tags,
        {{ json_whole('body', 'conversation_rating.rating') }} as rating,
        {{ json_text('body', 'conversation_rating.remark') }} as rating_remark,
        {{ epoch('body', 'conversation_rating.created_at') }} as rated_at,
        {{ json_text('body', 'conversation_rating.teammate.id') }} as rated_admin_id,
        {{ json_whole('body', 'statistics.time_to_assignment') }} as seconds_to_assignment,
        {{ json_whole('body', 'statistics.time_to_admin_reply') }} as seconds_to_admin_reply,
        {{ json_whole('body', 'statistics.time_to_first_close') }} as seconds_to_first_close,
        {{ json_whole('body', 'statistics.time_to_last_close') }} as seconds_to_last_close,
        {{ json_whole('body', 'statistics.handling_time') }} as handling_seconds,
        {{ json_whole('body', 'statistics.count_reopens') }} as reopen_count,
        {{ json_whole('body', 'statistics.count_assignments') }} as assignment_count,
        {{ json_whole('body', 'statistics.count_conversation_parts') }} as part_count,
        {{ epoch('body', 'statistics.first_contact_reply_at') }} as first_contact_reply_at,
        {{ epoch('body', 'statistics.first_admin_reply_at') }} as first_admin_reply_at,
        {{ epoch('body', 'statistics.first_close_at') }} as first_closed_at,
        {{ epoch('body', 'statistics.last_close_at') }} as last_closed_at,
        {{ epoch('body', 'created_at') }} as created_at,
        {{ epoch('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
