with source as {{ fence() }} (
    {{ current_rows('stripe', 'payouts') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as payout_id,
        {{ json_reference('body', 'balance_transaction') }} as balance_transaction_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'type') }} as type,
        cast({{ json_text('body', 'automatic') }} as boolean) as is_automatic,
        {{ epoch('body', 'arrival_date') }} as arrival_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from denominated
)

select * from renamed
