with source as {{ fence() }} (
    {{ current_rows('stripe', 'invoice_items', key='invoice_item_id') }}
),

denominated as (
    select *, {{ json_text('body', 'currency') }} as minor_currency from source
),

renamed as (
    select
        id as invoice_item_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'invoice') }} as invoice_id,
        {{ json_reference('body', 'parent.subscription_details.subscription') }} as subscription_id,
        {{ json_text('body', 'parent.subscription_details.subscription_item') }} as subscription_item_id,
        {{ json_reference('body', 'pricing.price_details.price') }} as price_id,
        upper(minor_currency) as currency,
        {{ money('body', 'amount', 'minor_currency') }} as amount,
        cast({{ json_text('body', 'quantity') }} as bigint) as quantity,
        cast({{ json_text('body', 'proration') }} as boolean) as is_proration,
        {{ json_value('body', 'proration_details.credited_items') }} as credited_items,
        {{ epoch('body', 'period.start') }} as period_started_at,
        {{ epoch('body', 'period.end') }} as period_ended_at,
        {{ epoch('body', 'date') }} as created_at,
        extracted_at,
        batch_id
    from denominated
)

select * from renamed
