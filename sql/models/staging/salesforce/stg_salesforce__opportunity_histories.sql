with source as {{ fence() }} (
    {{ current_rows('salesforce', 'opportunity_histories', key='opportunity_history_id') }}
),

renamed as (
    select
        id as opportunity_history_id,
        {{ json_text('body', 'OpportunityId') }} as opportunity_id,
        {{ json_text('body', 'StageName') }} as stage_name,
        {{ json_decimal('body', 'Amount') }} as amount,
        {{ json_decimal('body', 'PrevAmount') }} as previous_amount,
        {{ json_text('body', 'CurrencyIsoCode') }} as currency,
        {{ json_decimal('body', 'Probability') }} as probability,
        {{ json_decimal('body', 'ExpectedRevenue') }} as expected_amount,
        {{ json_text('body', 'ForecastCategory') }} as forecast_category,
        {{ json_date('body', 'CloseDate') }} as close_date,
        {{ json_date('body', 'PrevCloseDate') }} as previous_close_date,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
