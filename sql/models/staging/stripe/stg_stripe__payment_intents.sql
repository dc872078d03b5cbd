with source as {{ fence() }} (
    {{ current_rows('stripe', 'payment_intents') }}
),

renamed as (
    select
        id as payment_intent_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'latest_charge') }} as latest_charge_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ money('body', 'amount', json_text('body', 'currency')) }} as amount,
        {{ money('body', 'amount_received', json_text('body', 'currency')) }} as received_amount,
        {{ json_text('body', 'status') }} as status,
        {{ epoch('body', 'canceled_at') }} as canceled_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
