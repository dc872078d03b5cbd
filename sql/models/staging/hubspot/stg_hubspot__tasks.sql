with source as {{ fence() }} (
    {{ current_rows('hubspot', 'tasks', key='task_id') }}
),

renamed as (
    select
        id as task_id,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.hs_task_status') }}, '') as status,
        nullif({{ json_text('body', 'properties.hs_task_type') }}, '') as type,
        nullif({{ json_text('body', 'properties.hs_task_priority') }}, '') as priority,
        {{ json_instant('body', 'properties.hs_task_completion_date') }} as completed_at,
        {{ json_instant('body', 'properties.hs_timestamp') }} as occurred_at,
        {{ json_instant('body', 'properties.hs_createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
