with source as {{ fence() }} (
    {{ current_rows('hubspot', 'form_submissions', key='form_submission_id') }}
),

emails as (
    select
        source.id as form_submission_id,
        min(lower({{ json_text('field.value', 'value') }})) as email
    from source
    {{ json_elements('source.body', 'values', 'field') }}
    where {{ json_text('field.value', 'name') }} = 'email'
    group by source.id
),

renamed as (
    select
        source.id as form_submission_id,
        split_part(source.id, '/', 1) as form_id,
        emails.email,
        {{ json_text('source.body', 'pageUrl') }} as page_url,
        {{ epoch_milliseconds('source.body', 'submittedAt') }} as submitted_at,
        source.extracted_at,
        source.batch_id
    from source
    left join emails on source.id = emails.form_submission_id
)

select * from renamed
