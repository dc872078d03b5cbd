with source as {{ fence() }} (
    {{ current_rows('stripe', 'events', key='event_id') }}
),

renamed as (
    select
        id as event_id,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'api_version') }} as api_version,
        {{ json_text('body', 'data.object.id') }} as object_id,
        {{ json_text('body', 'data.object.object') }} as object_type,
        {{ json_value('body', 'data.object') }} as object_body,
        {{ json_value('body', 'data.previous_attributes') }} as previous_attributes,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
