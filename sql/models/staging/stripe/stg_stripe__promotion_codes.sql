with source as {{ fence() }} (
    {{ current_rows('stripe', 'promotion_codes') }}
),

renamed as (
    select
        id as promotion_code_id,
        {{ json_text('body', 'code') }} as code,
        {{ json_reference('body', 'promotion.coupon') }} as coupon_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        cast({{ json_text('body', 'active') }} as boolean) as is_active,
        cast({{ json_text('body', 'times_redeemed') }} as bigint) as times_redeemed,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
