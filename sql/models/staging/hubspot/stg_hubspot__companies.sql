with source as {{ fence() }} (
    {{ current_rows('hubspot', 'companies', key='company_id') }}
),

renamed as (
    select
        id as company_id,
        nullif({{ json_text('body', 'properties.name') }}, '') as name,
        lower(nullif({{ json_text('body', 'properties.domain') }}, '')) as domain,
        nullif({{ json_text('body', 'properties.stripe_customer_id') }}, '') as stripe_customer_id,
        nullif({{ json_text('body', 'properties.country') }}, '') as country,
        nullif({{ json_text('body', 'properties.industry') }}, '') as industry,
        nullif({{ json_text('body', 'properties.type') }}, '') as type,
        {{ json_whole('body', 'properties.numberofemployees') }} as employee_count,
        {{ json_decimal('body', 'properties.annualrevenue') }} as annual_revenue,
        nullif({{ json_text('body', 'properties.hs_parent_company_id') }}, '') as parent_company_id,
        nullif({{ json_text('body', 'properties.hubspot_owner_id') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.lifecyclestage') }}, '') as lifecycle_stage,
        nullif({{ json_text('body', 'properties.hs_merged_object_ids') }}, '') as merged_ids,
        {{ json_instant('body', 'properties.createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
