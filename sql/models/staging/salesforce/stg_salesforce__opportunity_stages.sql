with source as {{ fence() }} (
    {{ current_rows('salesforce', 'opportunity_stages') }}
),

renamed as (
    select
        id as opportunity_stage_id,
        {{ json_text('body', 'ApiName') }} as stage_name,
        {{ json_text('body', 'MasterLabel') }} as label,
        {{ json_whole('body', 'SortOrder') }} as position,
        {{ json_boolean('body', 'IsActive') }} as is_active,
        {{ json_boolean('body', 'IsClosed') }} as is_closed,
        {{ json_boolean('body', 'IsWon') }} as is_won,
        {{ json_decimal('body', 'DefaultProbability') }} as probability,
        {{ json_text('body', 'ForecastCategory') }} as forecast_category,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
