with source as {{ fence() }} (
    {{ current_rows('zendesk', 'schedules') }}
),

renamed as (
    select
        source.id as schedule_id,
        {{ json_text('holiday.value', 'name') }} as holiday_name,
        {{ json_date('holiday.value', 'start_date') }} as first_day,
        {{ json_date('holiday.value', 'end_date') }} as last_day,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'holidays', 'holiday') }}
)

select * from renamed
