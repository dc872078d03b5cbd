with source as {{ fence() }} (
    {{ current_rows('stripe', 'invoices', key='invoice_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as invoice_id,
        {{ json_text('body', 'number') }} as number,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'parent.subscription_details.subscription') }} as subscription_id,
        upper(minor_currency) as currency,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'billing_reason') }} as billing_reason,
        {{ json_text('body', 'collection_method') }} as collection_method,
        {{ money('body', 'subtotal', 'minor_currency') }} as subtotal_amount,
        {{ money('body', 'total', 'minor_currency') }} as total_amount,
        {{ money('body', 'total_excluding_tax', 'minor_currency') }} as total_excluding_tax_amount,
        {{ money('body', 'amount_due', 'minor_currency') }} as due_amount,
        {{ money('body', 'amount_paid', 'minor_currency') }} as paid_amount,
        {{ money('body', 'amount_remaining', 'minor_currency') }} as remaining_amount,
        cast({{ json_text('body', 'attempt_count') }} as bigint) as attempt_count,
        {{ epoch('body', 'period_start') }} as period_started_at,
        {{ epoch('body', 'period_end') }} as period_ended_at,
        {{ epoch('body', 'due_date') }} as due_at,
        {{ epoch('body', 'status_transitions.finalized_at') }} as finalized_at,
        {{ epoch('body', 'status_transitions.paid_at') }} as paid_at,
        {{ epoch('body', 'status_transitions.voided_at') }} as voided_at,
        {{ epoch('body', 'status_transitions.marked_uncollectible_at') }} as uncollectible_at,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
