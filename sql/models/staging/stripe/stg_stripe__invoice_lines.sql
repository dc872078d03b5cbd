with source as {{ fence() }} (
    {{ current_rows('stripe', 'invoices', key='invoice_id') }}
),

lines as {{ fence() }} (
    select
        source.id as invoice_id,
        {{ epoch('source.body', 'created') }} as invoice_created_at,
        line.value as body,
        line.position as line_number,
        source.batch_id
    from source
    {{ json_elements('source.body', 'lines.data', 'line') }}
),

renamed as (
    select
        {{ json_text('body', 'id') }} as invoice_line_id,
        invoice_id,
        line_number,
        coalesce(
            {{ json_text('body', 'parent.subscription_item_details.subscription') }},
            {{ json_text('body', 'parent.invoice_item_details.subscription') }},
            {{ json_text('body', 'subscription') }}
        ) as subscription_id,
        {{ json_text('body', 'parent.subscription_item_details.subscription_item') }} as subscription_item_id,
        {{ json_text('body', 'parent.invoice_item_details.invoice_item') }} as invoice_item_id,
        {{ json_reference('body', 'pricing.price_details.price') }} as price_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ money('body', 'amount', json_text('body', 'currency')) }} as amount,
        cast({{ json_text('body', 'quantity') }} as bigint) as quantity,
        coalesce(cast(coalesce(
            {{ json_text('body', 'parent.subscription_item_details.proration') }},
            {{ json_text('body', 'parent.invoice_item_details.proration') }}
        ) as boolean), false) as is_proration,
        coalesce(
            {{ json_is_object(json_value('body', 'parent.subscription_item_details.proration_details.credited_items')) }}
            or {{ json_is_object(json_value('body', 'parent.invoice_item_details.proration_details.credited_items')) }}, false
        ) as is_credit,
        {{ json_value('body', 'taxes') }} as taxes,
        {{ json_value('body', 'discount_amounts') }} as discount_amounts,
        {{ epoch('body', 'period.start') }} as period_started_at,
        {{ epoch('body', 'period.end') }} as period_ended_at,
        invoice_created_at,
        batch_id
    from lines
)

select * from renamed
