with source as {{ fence() }} (
    {{ current_rows('hubspot', 'forms') }}
),

renamed as (
    select
        id as form_id,
        {{ json_text('body', 'name') }} as name,
        {{ json_text('body', 'formType') }} as type,
        {{ json_boolean('body', 'archived') }} as is_archived,
        {{ json_instant('body', 'createdAt') }} as created_at,
        {{ json_instant('body', 'updatedAt') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
