with source as {{ fence() }} (
    {{ current_rows('salesforce', 'accounts', key='account_id') }}
),

renamed as (
    select
        id as account_id,
        {{ json_text('body', 'Name') }} as name,
        {{ json_text('body', 'Type') }} as type,
        {{ json_text('body', 'ParentId') }} as parent_account_id,
        nullif({{ json_text('body', 'Stripe_Customer_Id__c') }}, '') as stripe_customer_id,
        {{ json_text('body', 'Segment__c') }} as segment,
        {{ json_text('body', 'Website') }} as website,
        {{ json_text('body', 'BillingCountry') }} as country,
        {{ json_text('body', 'Industry') }} as industry,
        {{ json_whole('body', 'NumberOfEmployees') }} as employee_count,
        {{ json_decimal('body', 'AnnualRevenue') }} as annual_revenue,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_text('body', 'OwnerId') }} as owner_id,
        {{ json_text('body', 'AccountSource') }} as source,
        {{ json_date('body', 'LastActivityDate') }} as last_activity_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        {{ json_instant('body', 'SystemModstamp') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
