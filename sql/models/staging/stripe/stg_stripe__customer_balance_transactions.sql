with source as {{ fence() }} (
    {{ current_rows('stripe', 'customer_balance_transactions') }}
),

renamed as (
    select
        id as customer_balance_transaction_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'invoice') }} as invoice_id,
        {{ json_reference('body', 'credit_note') }} as credit_note_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ json_text('body', 'type') }} as type,
        {{ money('body', 'amount', json_text('body', 'currency')) }} as amount,
        {{ money('body', 'ending_balance', json_text('body', 'currency')) }} as ending_balance_amount,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
