with source as {{ fence() }} (
    {{ current_rows('stripe', 'charges', key='charge_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as charge_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'payment_intent') }} as payment_intent_id,
        {{ json_reference('body', 'balance_transaction') }} as balance_transaction_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ money('body', 'amount_captured', 'minor_currency') }} as captured_amount,
        {{ money('body', 'amount_refunded', 'minor_currency') }} as refunded_amount,
        {{ json_text('body', 'status') }} as status,
        cast({{ json_text('body', 'paid') }} as boolean) as is_paid,
        cast({{ json_text('body', 'disputed') }} as boolean) as is_disputed,
        {{ json_text('body', 'failure_code') }} as failure_code,
        {{ json_text('body', 'failure_message') }} as failure_message,
        {{ json_text('body', 'outcome.reason') }} as outcome_reason,
        {{ json_text('body', 'payment_method_details.type') }} as payment_method_type,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
