with source as {{ fence() }} (
    {{ current_rows('salesforce', 'opportunity_line_items', key='opportunity_line_item_id') }}
),

renamed as (
    select
        id as opportunity_line_item_id,
        {{ json_text('body', 'OpportunityId') }} as opportunity_id,
        {{ json_text('body', 'Product2Id') }} as product_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_decimal('body', 'Quantity') }} as quantity,
        {{ json_decimal('body', 'UnitPrice') }} as unit_amount,
        {{ json_decimal('body', 'TotalPrice') }} as amount,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_date('body', 'ServiceDate') }} as service_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
