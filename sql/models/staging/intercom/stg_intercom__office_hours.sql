with source as {{ fence() }} (
    {{ current_rows('intercom', 'office_hours_schedules') }}
),

renamed as (
    select
        source.id as schedule_id,
        {{ json_text('source.body', 'name') }} as schedule_name,
        {{ json_text('source.body', 'time_zone_name') }} as timezone_name,
        {{ json_boolean('source.body', 'twenty_four_seven') }} as is_always_open,
        {{ json_whole('span.value', 'start_minute') }} as from_minute_of_week,
        {{ json_whole('span.value', 'end_minute') }} as until_minute_of_week,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'time_intervals', 'span') }}
)

select * from renamed
