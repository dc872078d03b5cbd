with source as {{ fence() }} (
    {{ current_rows('hubspot', 'marketing_email_statistics') }}
),

renamed as (
    select
        id as marketing_email_statistic_id,
        split_part(id, '/', 1) as marketing_email_id,
        {{ json_date('body', 'interval.start') }} as statistic_date,
        {{ json_whole('body', 'aggregations.counters.selected') }} as selected_count,
        {{ json_whole('body', 'aggregations.counters.sent') }} as sent_count,
        {{ json_whole('body', 'aggregations.counters.delivered') }} as delivered_count,
        {{ json_whole('body', 'aggregations.counters.open') }} as opened_count,
        {{ json_whole('body', 'aggregations.counters.click') }} as clicked_count,
        {{ json_whole('body', 'aggregations.counters.reply') }} as replied_count,
        {{ json_whole('body', 'aggregations.counters.bounce') }} as bounced_count,
        {{ json_whole('body', 'aggregations.counters.unsubscribed') }} as unsubscribed_count,
        {{ json_whole('body', 'aggregations.counters.spamreport') }} as spam_report_count,
        extracted_at
    from source
)

select * from renamed
