with source as {{ fence() }} (
    {{ current_rows('stripe', 'meters') }}
),

renamed as (
    select
        id as meter_id,
        {{ json_text('body', 'display_name') }} as display_name,
        {{ json_text('body', 'event_name') }} as event_name,
        {{ json_text('body', 'default_aggregation.formula') }} as aggregation,
        {{ json_text('body', 'status') }} as status,
        {{ epoch('body', 'created') }} as created_at,
        {{ epoch('body', 'updated') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
