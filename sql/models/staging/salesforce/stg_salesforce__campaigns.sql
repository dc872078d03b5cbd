with source as {{ fence() }} (
    {{ current_rows('salesforce', 'campaigns') }}
),

renamed as (
    select
        id as campaign_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_text('body', 'Type') }} as type,
        {{ json_text('body', 'Status') }} as status,
        {{ json_text('body', 'ParentId') }} as parent_campaign_id,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_boolean('body', 'IsActive') }} as is_active,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_decimal('body', 'BudgetedCost') }} as budget_amount,
        {{ json_decimal('body', 'ActualCost') }} as spend_amount,
        {{ json_decimal('body', 'NumberSent') }} as sent_count,
        {{ json_whole('body', 'NumberOfLeads') }} as lead_count,
        {{ json_whole('body', 'NumberOfConvertedLeads') }} as converted_lead_count,
        {{ json_whole('body', 'NumberOfContacts') }} as contact_count,
        {{ json_whole('body', 'NumberOfResponses') }} as response_count,
        {{ json_whole('body', 'NumberOfOpportunities') }} as opportunity_count,
        {{ json_whole('body', 'NumberOfWonOpportunities') }} as won_opportunity_count,
        {{ json_date('body', 'StartDate') }} as start_date,
        {{ json_date('body', 'EndDate') }} as end_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
