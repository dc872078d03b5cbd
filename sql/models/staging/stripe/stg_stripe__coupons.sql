with source as {{ fence() }} (
    {{ current_rows('stripe', 'coupons') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as coupon_id,
        {{ json_text('body', 'name') }} as name,
        {{ json_text('body', 'duration') }} as duration,
        cast({{ json_text('body', 'duration_in_months') }} as bigint) as duration_in_months,
        cast({{ json_text('body', 'percent_off') }} as numeric(38, 12)) as percent_off,
        {{ money('body', 'amount_off', 'minor_currency') }} as amount_off,
        upper(minor_currency) as currency,
        cast({{ json_text('body', 'valid') }} as boolean) as is_valid,
        {{ epoch('body', 'redeem_by') }} as redeem_by_at,
        cast({{ json_text('body', 'times_redeemed') }} as bigint) as times_redeemed,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from denominated
)

select * from renamed
