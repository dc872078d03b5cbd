with source as {{ fence() }} (
    {{ current_rows('intercom', 'conversations', key='conversation_id') }}
),

parts as {{ fence() }} (
    select
        source.id as conversation_id,
        part.value as body,
        source.extracted_at,
        source.batch_id
    from source
    {{ json_elements('source.body', 'conversation_parts.conversation_parts', 'part') }}
),

renamed as (
    select
        {{ json_text('body', 'id') }} as conversation_part_id,
        conversation_id,
        {{ json_text('body', 'part_type') }} as type,
        {{ json_text('body', 'author.type') }} as author_type,
        {{ json_text('body', 'author.id') }} as author_id,
        {{ json_text('body', 'assigned_to.type') }} as assigned_to_type,
        {{ json_text('body', 'assigned_to.id') }} as assigned_to_id,
        {{ json_text('body', 'state') }} as state,
        {{ epoch('body', 'created_at') }} as created_at,
        extracted_at,
        batch_id
    from parts
)

select * from renamed
