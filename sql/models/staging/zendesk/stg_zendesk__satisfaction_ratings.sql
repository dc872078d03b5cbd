with source as {{ fence() }} (
    {{ current_rows('zendesk', 'satisfaction_ratings', key='satisfaction_rating_id') }}
),

renamed as (
    select
        id as satisfaction_rating_id,
        {{ json_text('body', 'ticket_id') }} as ticket_id,
        {{ json_text('body', 'requester_id') }} as requester_id,
        {{ json_text('body', 'assignee_id') }} as assignee_id,
        {{ json_text('body', 'group_id') }} as group_id,
        {{ json_text('body', 'score') }} as score,
        {{ json_text('body', 'reason') }} as reason,
        {{ json_text('body', 'comment') }} as comment,
        {{ json_instant('body', 'created_at') }} as created_at,
        {{ json_instant('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
