with source as {{ fence() }} (
    {{ current_rows('salesforce', 'campaign_members', key='campaign_member_id') }}
),

renamed as (
    select
        id as campaign_member_id,
        {{ json_text('body', 'CampaignId') }} as campaign_id,
        {{ json_text('body', 'LeadId') }} as lead_id,
        {{ json_text('body', 'ContactId') }} as contact_id,
        {{ json_text('body', 'AccountId') }} as account_id,
        {{ json_text('body', 'Status') }} as status,
        {{ json_boolean('body', 'HasResponded') }} as has_responded,
        {{ json_date('body', 'FirstRespondedDate') }} as first_responded_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
