with source as {{ fence() }} (
    {{ current_rows('stripe', 'customer_balance_transactions', key='customer_balance_transaction_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as customer_balance_transaction_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'invoice') }} as invoice_id,
        {{ json_reference('body', 'credit_note') }} as credit_note_id,
        upper(minor_currency) as currency,
        {{ json_text('body', 'type') }} as type,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ money('body', 'ending_balance', 'minor_currency') }} as ending_balance_amount,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
