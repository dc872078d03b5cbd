with source as {{ fence() }} (
    {{ current_rows('salesforce', 'leads', key='lead_id') }}
),

renamed as (
    select
        id as lead_id,
        {{ json_text('body', 'Name') }} as name,
        lower(nullif({{ json_text('body', 'Email') }}, '')) as email,
        {{ json_text('body', 'Title') }} as title,
        {{ json_text('body', 'Company') }} as company_name,
        {{ json_text('body', 'Country') }} as country,
        {{ json_text('body', 'Industry') }} as industry,
        {{ json_whole('body', 'NumberOfEmployees') }} as employee_count,
        {{ json_text('body', 'Status') }} as status,
        {{ json_text('body', 'LeadSource') }} as lead_source,
        {{ json_text('body', 'Rating') }} as rating,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_boolean('body', 'IsConverted') }} as is_converted,
        {{ json_date('body', 'ConvertedDate') }} as converted_date,
        {{ json_text('body', 'ConvertedAccountId') }} as converted_account_id,
        {{ json_text('body', 'ConvertedContactId') }} as converted_contact_id,
        {{ json_text('body', 'ConvertedOpportunityId') }} as converted_opportunity_id,
        {{ json_text('body', 'Disqualification_Reason__c') }} as disqualification_reason,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
