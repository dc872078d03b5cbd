with source as {{ fence() }} (
    {{ current_rows('hubspot', 'marketing_emails') }}
),

renamed as (
    select
        id as marketing_email_id,
        {{ json_text('body', 'name') }} as name,
        {{ json_text('body', 'subject') }} as subject,
        {{ json_text('body', 'state') }} as state,
        {{ json_text('body', 'campaign') }} as campaign_id,
        {{ json_boolean('body', 'archived') }} as is_archived,
        {{ json_whole('body', 'stats.counters.selected') }} as selected_count,
        {{ json_whole('body', 'stats.counters.sent') }} as sent_count,
        {{ json_whole('body', 'stats.counters.delivered') }} as delivered_count,
        {{ json_whole('body', 'stats.counters.open') }} as opened_count,
        {{ json_whole('body', 'stats.counters.click') }} as clicked_count,
        {{ json_whole('body', 'stats.counters.reply') }} as replied_count,
        {{ json_whole('body', 'stats.counters.bounce') }} as bounced_count,
        {{ json_whole('body', 'stats.counters.unsubscribed') }} as unsubscribed_count,
        {{ json_whole('body', 'stats.counters.spamreport') }} as spam_report_count,
        {{ json_instant('body', 'publishDate') }} as published_at,
        {{ json_instant('body', 'createdAt') }} as created_at,
        {{ json_instant('body', 'updatedAt') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
