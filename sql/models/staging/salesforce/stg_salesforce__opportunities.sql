with source as {{ fence() }} (
    {{ current_rows('salesforce', 'opportunities', key='opportunity_id') }}
),

renamed as (
    select
        id as opportunity_id,
        {{ json_text('body', 'AccountId') }} as account_id,
        {{ json_text('body', 'ContactId') }} as contact_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_text('body', 'Type') }} as type,
        {{ json_text('body', 'StageName') }} as stage_name,
        {{ json_decimal('body', 'Amount') }} as amount,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_decimal('body', 'Probability') }} as probability,
        {{ json_decimal('body', 'ExpectedRevenue') }} as expected_amount,
        {{ json_decimal('body', 'TotalOpportunityQuantity') }} as quantity,
        {{ json_text('body', 'ForecastCategory') }} as forecast_category,
        {{ json_boolean('body', 'IsClosed') }} as is_closed,
        {{ json_boolean('body', 'IsWon') }} as is_won,
        {{ json_text('body', 'Loss_Reason__c') }} as lost_reason,
        {{ json_text('body', 'Won_Reason__c') }} as won_reason,
        {{ json_text('body', 'Main_Competitor__c') }} as competitor,
        {{ json_text('body', 'Partner__c') }} as partner,
        {{ json_text('body', 'Partner_Role__c') }} as partner_role,
        {{ json_text('body', 'LeadSource') }} as lead_source,
        {{ json_text('body', 'CampaignId') }} as campaign_id,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_whole('body', 'PushCount') }} as push_count,
        {{ json_date('body', 'CloseDate') }} as close_date,
        {{ json_instant('body', 'LastStageChangeDate') }} as last_stage_changed_at,
        {{ json_date('body', 'LastActivityDate') }} as last_activity_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
