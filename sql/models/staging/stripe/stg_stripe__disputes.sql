with source as {{ fence() }} (
    {{ current_rows('stripe', 'disputes', key='dispute_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as dispute_id,
        {{ json_reference('body', 'charge') }} as charge_id,
        {{ json_reference('body', 'payment_intent') }} as payment_intent_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'reason') }} as reason,
        {{ epoch('body', 'evidence_details.due_by') }} as evidence_due_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
