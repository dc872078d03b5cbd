with source as {{ fence() }} (
    {{ current_rows('zendesk', 'users', key='user_id') }}
),

renamed as (
    select
        id as user_id,
        {{ json_text('body', 'name') }} as name,
        lower(nullif({{ json_text('body', 'email') }}, '')) as email,
        {{ json_text('body', 'phone') }} as phone,
        {{ json_text('body', 'role') }} as role,
        {{ json_text('body', 'organization_id') }} as organization_id,
        {{ json_text('body', 'external_id') }} as external_id,
        {{ json_text('body', 'iana_time_zone') }} as timezone,
        {{ json_boolean('body', 'active') }} as is_active,
        {{ json_boolean('body', 'suspended') }} as is_suspended,
        {{ json_instant('body', 'created_at') }} as created_at,
        {{ json_instant('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
