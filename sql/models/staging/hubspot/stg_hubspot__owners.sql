with source as {{ fence() }} (
    {{ current_rows('hubspot', 'owners') }}
),

renamed as (
    select
        id as owner_id,
        lower(nullif({{ json_text('body', 'email') }}, '')) as email,
        {{ json_text('body', 'firstName') }} as first_name,
        {{ json_text('body', 'lastName') }} as last_name,
        {{ json_text('body', 'userIdIncludingInactive') }} as user_id,
        {{ json_first_text('body', 'teams', 'name') }} as team_name,
        {{ json_boolean('body', 'archived') }} as is_archived,
        {{ json_instant('body', 'createdAt') }} as created_at,
        {{ json_instant('body', 'updatedAt') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
