with source as {{ fence() }} (
    {{ current_rows('hubspot', 'campaigns') }}
),

renamed as (
    select
        id as campaign_id,
        nullif({{ json_text('body', 'properties.hs_name') }}, '') as name,
        nullif({{ json_text('body', 'properties.hs_campaign_status') }}, '') as status,
        nullif({{ json_text('body', 'properties.hs_utm') }}, '') as utm_name,
        nullif({{ json_text('body', 'properties.hs_owner') }}, '') as owner_id,
        nullif({{ json_text('body', 'properties.hs_currency_code') }}, '') as currency,
        {{ json_decimal('body', 'properties.hs_budget_items_sum_amount') }} as budget_amount,
        {{ json_decimal('body', 'properties.hs_spend_items_sum_amount') }} as spend_amount,
        {{ json_date('body', 'properties.hs_start_date') }} as start_date,
        {{ json_date('body', 'properties.hs_end_date') }} as end_date,
        {{ json_instant('body', 'createdAt') }} as created_at,
        {{ json_instant('body', 'updatedAt') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
