with source as {{ fence() }} (
    {{ current_rows('salesforce', 'events', key='event_id') }}
),

renamed as (
    select
        id as event_id,
        {{ json_text('body', 'WhoId') }} as who_id,
        {{ json_text('body', 'WhatId') }} as what_id,
        {{ json_text('body', 'AccountId') }} as account_id,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_text('body', 'EventSubtype') }} as subtype,
        {{ json_whole('body', 'DurationInMinutes') }} as duration_minutes,
        {{ json_boolean('body', 'IsChild') }} as is_child,
        {{ json_boolean('body', 'IsArchived') }} as is_archived,
        {{ json_date('body', 'ActivityDate') }} as activity_date,
        {{ json_instant('body', 'StartDateTime') }} as started_at,
        {{ json_instant('body', 'EndDateTime') }} as ended_at,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
