with source as {{ fence() }} (
    {{ current_rows('salesforce', 'tasks', key='task_id') }}
),

renamed as (
    select
        id as task_id,
        {{ json_text('body', 'WhoId') }} as who_id,
        {{ json_text('body', 'WhatId') }} as what_id,
        {{ json_text('body', 'AccountId') }} as account_id,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_text('body', 'Status') }} as status,
        {{ json_text('body', 'Priority') }} as priority,
        {{ json_text('body', 'TaskSubtype') }} as subtype,
        {{ json_text('body', 'CallType') }} as call_type,
        {{ json_text('body', 'CallDisposition') }} as call_disposition,
        {{ json_whole('body', 'CallDurationInSeconds') }} as call_seconds,
        {{ json_boolean('body', 'IsClosed') }} as is_closed,
        {{ json_boolean('body', 'IsArchived') }} as is_archived,
        {{ json_date('body', 'ActivityDate') }} as activity_date,
        {{ json_instant('body', 'CompletedDateTime') }} as completed_at,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
