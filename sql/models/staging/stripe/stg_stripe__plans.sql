with source as {{ fence() }} (
    {{ current_rows('stripe', 'plans') }}
),

renamed as (
    select
        id as plan_id,
        {{ json_reference('body', 'product') }} as product_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        cast({{ json_text('body', 'amount_decimal') }} as numeric(38, 12)) as amount_minor,
        {{ json_text('body', 'interval') }} as billing_interval,
        cast({{ json_text('body', 'interval_count') }} as bigint) as interval_count,
        {{ json_text('body', 'usage_type') }} as usage_type,
        cast({{ json_text('body', 'active') }} as boolean) as is_active,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
