with source as {{ fence() }} (
    {{ current_rows('stripe', 'credit_notes', key='credit_note_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as credit_note_id,
        {{ json_reference('body', 'invoice') }} as invoice_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        upper(minor_currency) as currency,
        {{ json_text('body', 'number') }} as number,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'reason') }} as reason,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ money('body', 'total', 'minor_currency') }} as total_amount,
        {{ epoch('body', 'effective_at') }} as effective_at,
        {{ epoch('body', 'voided_at') }} as voided_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
