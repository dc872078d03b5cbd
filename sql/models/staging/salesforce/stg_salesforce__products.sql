with source as {{ fence() }} (
    {{ current_rows('salesforce', 'products') }}
),

renamed as (
    select
        id as product_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_text('body', 'ProductCode') }} as code,
        {{ json_text('body', 'Family') }} as family,
        {{ json_boolean('body', 'IsActive') }} as is_active,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
