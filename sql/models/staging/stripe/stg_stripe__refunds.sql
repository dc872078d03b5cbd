with source as {{ fence() }} (
    {{ current_rows('stripe', 'refunds') }}
),

renamed as (
    select
        id as refund_id,
        {{ json_reference('body', 'charge') }} as charge_id,
        {{ json_reference('body', 'payment_intent') }} as payment_intent_id,
        {{ json_reference('body', 'balance_transaction') }} as balance_transaction_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ money('body', 'amount', json_text('body', 'currency')) }} as amount,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'reason') }} as reason,
        {{ json_text('body', 'failure_reason') }} as failure_reason,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
