with source as {{ fence() }} (
    {{ current_rows('stripe', 'balance_transactions', key='balance_transaction_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as balance_transaction_id,
        {{ json_reference('body', 'source') }} as source_id,
        upper(minor_currency) as currency,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'reporting_category') }} as reporting_category,
        {{ json_text('body', 'status') }} as status,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ money('body', 'fee', 'minor_currency') }} as fee_amount,
        {{ money('body', 'net', 'minor_currency') }} as net_amount,
        {{ epoch('body', 'available_on') }} as available_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
