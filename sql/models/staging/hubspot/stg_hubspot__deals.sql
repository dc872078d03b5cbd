with source as {{ fence() }} (
    {{ current_rows('hubspot', 'deals', key='deal_id') }}
),

renamed as (
    select
        id as deal_id,
        nullif({{ json_text('body', 'properties.dealname') }}, '') as name,
        nullif({{ json_text('body', 'properties.pipeline') }}, '') as pipeline_id,
        nullif({{ json_text('body', 'properties.dealstage') }}, '') as stage_id,
        nullif({{ json_text('body', 'properties.dealtype') }}, '') as type,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        {{ json_decimal('body', 'properties.amount') }} as amount,
        nullif({{ json_text('body', 'properties.deal_currency_code') }}, '') as currency,
        {{ json_decimal('body', 'properties.hs_acv') }} as annual_amount,
        {{ json_decimal('body', 'properties.hs_tcv') }} as total_amount,
        {{ json_decimal('body', 'properties.hs_deal_stage_probability') }} as probability,
        {{ json_boolean('body', 'properties.hs_is_closed') }} as is_closed,
        {{ json_boolean('body', 'properties.hs_is_closed_won') }} as is_won,
        nullif({{ json_text('body', 'properties.closed_lost_reason') }}, '') as lost_reason,
        nullif({{ json_text('body', 'properties.closed_won_reason') }}, '') as won_reason,
        nullif({{ json_text('body', 'properties.competitor') }}, '') as competitor,
        nullif({{ json_text('body', 'properties.partner') }}, '') as partner,
        nullif({{ json_text('body', 'properties.partner_role') }}, '') as partner_role,
        nullif({{ json_text('body', 'properties.hs_manual_forecast_category') }}, '') as forecast_category,
        nullif({{ json_text('body', 'properties.hs_analytics_source') }}, '') as source,
        nullif({{ json_text('body', 'properties.campaign') }}, '') as campaign,
        {{ json_instant('body', 'properties.closedate') }} as closed_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_current_stage') }} as stage_entered_at,
        {{ json_instant('body', 'properties.createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
