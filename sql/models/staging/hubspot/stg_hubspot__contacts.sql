with source as {{ fence() }} (
    {{ current_rows('hubspot', 'contacts', key='contact_id') }}
),

renamed as (
    select
        id as contact_id,
        lower(nullif({{ json_text('body', 'properties.email') }}, '')) as email,
        nullif({{ json_text('body', 'properties.firstname') }}, '') as first_name,
        nullif({{ json_text('body', 'properties.lastname') }}, '') as last_name,
        nullif({{ json_text('body', 'properties.phone') }}, '') as phone,
        nullif({{ json_text('body', 'properties.jobtitle') }}, '') as job_title,
        nullif({{ json_text('body', 'properties.company') }}, '') as company_name,
        nullif({{ json_text('body', 'properties.country') }}, '') as country,
        nullif({{ json_text('body', 'properties.associatedcompanyid') }}, '') as company_id,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.lifecyclestage') }}, '') as lifecycle_stage,
        nullif({{ json_text('body', 'properties.hs_lead_status') }}, '') as lead_status,
        {{ json_decimal('body', 'properties.hubspotscore') }} as lead_score,
        nullif({{ json_text('body', 'properties.hs_analytics_source') }}, '') as original_source,
        nullif({{ json_text('body', 'properties.hs_analytics_source_data_1') }}, '') as original_source_detail,
        nullif({{ json_text('body', 'properties.hs_latest_source') }}, '') as latest_source,
        {{ json_whole('body', 'properties.num_conversion_events') }} as form_submission_count,
        {{ json_instant('body', 'properties.first_conversion_date') }} as first_submitted_at,
        {{ json_instant('body', 'properties.recent_conversion_date') }} as last_submitted_at,
        {{ json_boolean('body', 'properties.hs_email_optout') }} as is_unsubscribed,
        {{ json_instant('body', 'properties.hs_v2_date_entered_subscriber') }} as subscriber_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_lead') }} as lead_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_marketingqualifiedlead') }} as marketingqualifiedlead_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_salesqualifiedlead') }} as salesqualifiedlead_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_opportunity') }} as opportunity_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_customer') }} as customer_entered_at,
        {{ json_instant('body', 'properties.hs_v2_date_entered_evangelist') }} as evangelist_entered_at,
        nullif({{ json_text('body', 'properties.hs_merged_object_ids') }}, '') as merged_ids,
        {{ json_instant('body', 'properties.createdate') }} as created_at,
        {{ json_instant('body', 'properties.lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
