with source as {{ fence() }} (
    {{ current_rows('salesforce', 'quotas') }}
),

renamed as (
    select
        id as quota_id,
        {{ json_text('body', 'QuotaOwnerId') }} as owner_id,
        {{ json_decimal('body', 'QuotaAmount') }} as amount,
        {{ json_decimal('body', 'QuotaQuantity') }} as quantity,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_text('body', 'ProductFamily') }} as product_family,
        {{ json_date('body', 'StartDate') }} as start_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
