with source as {{ fence() }} (
    {{ current_rows('stripe', 'prices') }}
),

renamed as (
    select
        id as price_id,
        {{ json_reference('body', 'product') }} as product_id,
        {{ json_text('body', 'nickname') }} as nickname,
        {{ json_text('body', 'lookup_key') }} as lookup_key,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'billing_scheme') }} as billing_scheme,
        {{ json_text('body', 'tiers_mode') }} as tiers_mode,
        cast({{ json_text('body', 'unit_amount_decimal') }} as numeric(38, 12)) as unit_amount_minor,
        {{ json_text('body', 'recurring.interval') }} as billing_interval,
        cast({{ json_text('body', 'recurring.interval_count') }} as bigint) as interval_count,
        {{ json_text('body', 'recurring.usage_type') }} as usage_type,
        {{ json_reference('body', 'recurring.meter') }} as meter_id,
        {{ json_text('body', 'tax_behavior') }} as tax_behavior,
        cast({{ json_text('body', 'active') }} as boolean) as is_active,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
