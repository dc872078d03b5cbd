with source as {{ fence() }} (
    {{ current_rows('hubspot', 'line_items', key='line_item_id') }}
),

renamed as (
    select
        id as line_item_id,
        nullif({{ json_text('body', 'properties.hs_product_id') }}, '') as product_id,
        nullif({{ json_text('body', 'properties.name') }}, '') as name,
        {{ json_decimal('body', 'properties.quantity') }} as quantity,
        {{ json_decimal('body', 'properties.amount') }} as amount,
        nullif({{ json_text('body', 'properties.hs_line_item_currency_code') }}, '') as currency,
        nullif({{ json_text('body', 'properties.recurringbillingfrequency') }}, '') as billing_frequency,
        {{ json_instant('body', 'properties.createdate') }} as created_at,
        {{ json_instant('body', 'properties.hs_lastmodifieddate') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
