with source as {{ fence() }} (
    {{ current_rows('zendesk', 'organizations', key='organization_id') }}
),

renamed as (
    select
        id as organization_id,
        {{ json_text('body', 'name') }} as name,
        nullif({{ json_text('body', 'external_id') }}, '') as external_id,
        {{ json_value('body', 'domain_names') }} as domain_names,
        {{ json_text('body', 'group_id') }} as group_id,
        {{ json_value('body', 'tags') }} as tags,
        {{ json_instant('body', 'created_at') }} as created_at,
        {{ json_instant('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
