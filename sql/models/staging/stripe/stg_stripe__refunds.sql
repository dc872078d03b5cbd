with source as {{ fence() }} (
    {{ current_rows('stripe', 'refunds', key='refund_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as refund_id,
        {{ json_reference('body', 'charge') }} as charge_id,
        {{ json_reference('body', 'payment_intent') }} as payment_intent_id,
        {{ json_reference('body', 'balance_transaction') }} as balance_transaction_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'reason') }} as reason,
        {{ json_text('body', 'failure_reason') }} as failure_reason,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
