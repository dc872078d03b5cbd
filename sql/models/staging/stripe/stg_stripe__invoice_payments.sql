with source as {{ fence() }} (
    {{ current_rows('stripe', 'invoice_payments', key='invoice_payment_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as invoice_payment_id,
        {{ json_reference('body', 'invoice') }} as invoice_id,
        {{ json_reference('body', 'payment.charge') }} as charge_id,
        {{ json_reference('body', 'payment.payment_intent') }} as payment_intent_id,
        upper(minor_currency) as currency,
        {{ json_text('body', 'status') }} as status,
        {{ money('body', 'amount_requested', 'minor_currency') }} as requested_amount,
        {{ money('body', 'amount_paid', 'minor_currency') }} as paid_amount,
        cast({{ json_text('body', 'is_default') }} as boolean) as is_default,
        {{ epoch('body', 'status_transitions.paid_at') }} as paid_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
