with source as {{ fence() }} (
    {{ current_rows('zendesk', 'groups') }}
),

renamed as (
    select
        id as group_id,
        {{ json_text('body', 'name') }} as name,
        {{ json_boolean('body', 'default') }} as is_default,
        {{ json_boolean('body', 'deleted') }} as is_deleted,
        {{ json_instant('body', 'created_at') }} as created_at,
        {{ json_instant('body', 'updated_at') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
