with source as {{ fence() }} (
    {{ current_rows('zendesk', 'schedules') }}
),

renamed as (
    select
        source.id as schedule_id,
        {{ json_text('source.body', 'name') }} as schedule_name,
        {{ json_text('source.body', 'time_zone') }} as timezone_name,
        {{ json_whole('span.value', 'start_time') }} as from_minute_of_week,
        {{ json_whole('span.value', 'end_time') }} as until_minute_of_week,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'intervals', 'span') }}
)

select * from renamed
