with source as {{ fence() }} (
    {{ current_rows('hubspot', 'meetings', key='meeting_id') }}
),

renamed as (
    select
        id as meeting_id,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.hs_meeting_outcome') }}, '') as outcome,
        {{ json_instant('body', 'properties.hs_meeting_start_time') }} as started_at,
        {{ json_instant('body', 'properties.hs_meeting_end_time') }} as ended_at,
        {{ json_instant('body', 'properties.hs_timestamp') }} as occurred_at,
        {{ json_instant('body', 'properties.hs_createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
