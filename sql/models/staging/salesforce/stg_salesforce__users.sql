with source as {{ fence() }} (
    {{ current_rows('salesforce', 'users') }}
),

renamed as (
    select
        id as user_id,
        {{ json_text('body', 'Name') }} as name,
        lower(nullif({{ json_text('body', 'Email') }}, '')) as email,
        {{ json_text('body', 'Title') }} as title,
        {{ json_text('body', 'Department') }} as department,
        {{ json_text('body', 'UserRoleId') }} as user_role_id,
        {{ json_text('body', 'ManagerId') }} as manager_id,
        {{ json_text('body', 'TimeZoneSidKey') }} as timezone,
        {{ json_boolean('body', 'IsActive') }} as is_active,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
