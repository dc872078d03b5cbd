with source as {{ fence() }} (
    {{ current_rows('stripe', 'payment_intents', key='payment_intent_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as payment_intent_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'latest_charge') }} as latest_charge_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ money('body', 'amount_received', 'minor_currency') }} as received_amount,
        {{ json_text('body', 'status') }} as status,
        {{ epoch('body', 'canceled_at') }} as canceled_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
