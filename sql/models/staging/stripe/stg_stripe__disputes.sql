with source as {{ fence() }} (
    {{ current_rows('stripe', 'disputes') }}
),

renamed as (
    select
        id as dispute_id,
        {{ json_reference('body', 'charge') }} as charge_id,
        {{ json_reference('body', 'payment_intent') }} as payment_intent_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ money('body', 'amount', json_text('body', 'currency')) }} as amount,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'reason') }} as reason,
        {{ epoch('body', 'evidence_details.due_by') }} as evidence_due_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at
    from source
)

select * from renamed
