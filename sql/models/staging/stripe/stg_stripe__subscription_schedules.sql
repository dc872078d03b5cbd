with source as {{ fence() }} (
    {{ current_rows('stripe', 'subscription_schedules', key='subscription_schedule_id') }}
),

renamed as (
    select
        id as subscription_schedule_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'subscription') }} as subscription_id,
        {{ json_text('body', 'status') }} as status,
        {{ json_text('body', 'end_behavior') }} as end_behavior,
        {{ epoch('body', 'created') }} as created_at,
        {{ epoch('body', 'canceled_at') }} as canceled_at,
        {{ epoch('body', 'completed_at') }} as completed_at,
        {{ epoch('body', 'released_at') }} as released_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
