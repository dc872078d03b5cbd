with source as {{ fence() }} (
    {{ current_rows('salesforce', 'user_roles') }}
),

renamed as (
    select
        id as user_role_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_text('body', 'ParentRoleId') }} as parent_role_id,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
