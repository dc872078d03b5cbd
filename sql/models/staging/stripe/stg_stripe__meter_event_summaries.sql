-- the API's summary names no customer; the row id <meter>/<customer>/<start> does
with source as {{ fence() }} (
    {{ current_rows('stripe', 'meter_event_summaries', key='meter_event_summary_id') }}
),

renamed as (
    select
        id as meter_event_summary_id,
        split_part(id, '/', 1) as meter_id,
        split_part(id, '/', 2) as customer_id,
        cast({{ json_text('body', 'aggregated_value') }} as numeric(26, 6)) as aggregated_value,
        {{ epoch('body', 'start_time') }} as started_at,
        {{ epoch('body', 'end_time') }} as ended_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
