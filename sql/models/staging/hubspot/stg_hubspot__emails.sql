with source as {{ fence() }} (
    {{ current_rows('hubspot', 'emails', key='email_id') }}
),

renamed as (
    select
        id as email_id,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.hs_email_direction') }}, '') as direction,
        nullif({{ json_text('body', 'properties.hs_email_status') }}, '') as status,
        {{ json_instant('body', 'properties.hs_timestamp') }} as occurred_at,
        {{ json_instant('body', 'properties.hs_createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
