with source as {{ fence() }} (
    {{ current_rows('intercom', 'admins') }}
),

renamed as (
    select
        id as admin_id,
        {{ json_text('body', 'name') }} as name,
        lower(nullif({{ json_text('body', 'email') }}, '')) as email,
        {{ json_text('body', 'job_title') }} as job_title,
        {{ json_text('body', 'role.name') }} as role,
        {{ json_boolean('body', 'away_mode_enabled') }} as is_away,
        extracted_at
    from source
)

select * from renamed
