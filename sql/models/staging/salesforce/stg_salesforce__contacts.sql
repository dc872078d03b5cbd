with source as {{ fence() }} (
    {{ current_rows('salesforce', 'contacts', key='contact_id') }}
),

renamed as (
    select
        id as contact_id,
        {{ json_text('body', 'AccountId') }} as account_id,
        {{ json_text('body', 'Name') }} as name,
        lower(nullif({{ json_text('body', 'Email') }}, '')) as email,
        {{ json_text('body', 'Title') }} as title,
        {{ json_text('body', 'Phone') }} as phone,
        {{ json_text('body', 'MailingCountry') }} as country,
        {{ json_text('body', 'LeadSource') }} as lead_source,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_boolean('body', 'HasOptedOutOfEmail') }} as is_unsubscribed,
        {{ json_date('body', 'LastActivityDate') }} as last_activity_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
