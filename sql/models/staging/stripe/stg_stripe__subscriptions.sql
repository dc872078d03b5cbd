with source as {{ fence() }} (
    {{ current_rows('stripe', 'subscriptions', key='subscription_id') }}
),

renamed as (
    select
        id as subscription_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'collection_method') }} as collection_method,
        {{ json_text('body', 'billing_mode.type') }} as billing_mode,
        {{ epoch('body', 'start_date') }} as started_at,
        {{ epoch('body', 'trial_start') }} as trial_started_at,
        {{ epoch('body', 'trial_end') }} as trial_ended_at,
        {{ epoch('body', 'cancel_at') }} as cancel_at,
        cast({{ json_text('body', 'cancel_at_period_end') }} as boolean) as is_cancelled_at_period_end,
        {{ epoch('body', 'canceled_at') }} as cancellation_requested_at,
        {{ json_text('body', 'cancellation_details.reason') }} as cancellation_reason,
        {{ json_text('body', 'cancellation_details.feedback') }} as cancellation_feedback,
        {{ epoch('body', 'ended_at') }} as ended_at,
        {{ json_reference('body', 'schedule') }} as schedule_id,
        {{ json_reference('body', 'latest_invoice') }} as latest_invoice_id,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
