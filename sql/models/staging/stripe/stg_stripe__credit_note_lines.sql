with source as {{ fence() }} (
    {{ current_rows('stripe', 'credit_notes', key='credit_note_id') }}
),

lines as {{ fence() }} (
    select
        source.id as credit_note_id,
        {{ json_text('source.body', 'currency') }} as currency,
        line.value as body,
        source.batch_id
    from source
    {{ json_elements('source.body', 'lines.data', 'line') }}
),

renamed as (
    select
        {{ json_text('body', 'id') }} as credit_note_line_id,
        credit_note_id,
        {{ json_text('body', 'type') }} as type,
        {{ json_text('body', 'invoice_line_item') }} as invoice_line_id,
        upper(currency) as currency,
        {{ money('body', 'amount', 'currency') }} as amount,
        cast({{ json_text('body', 'quantity') }} as bigint) as quantity,
        batch_id
    from lines
)

select * from renamed
