with source as {{ fence() }} (
    {{ current_rows('intercom', 'companies', key='company_id') }}
),

renamed as (
    select
        id as company_id,
        nullif({{ json_text('body', 'company_id') }}, '') as external_id,
        {{ json_text('body', 'name') }} as name,
        nullif({{ json_text('body', 'website') }}, '') as website,
        {{ json_text('body', 'plan.name') }} as plan_name,
        {{ json_text('body', 'industry') }} as industry,
        {{ json_whole('body', 'size') }} as employee_count,
        {{ json_decimal('body', 'monthly_spend') }} as monthly_spend,
        {{ json_whole('body', 'user_count') }} as user_count,
        {{ json_whole('body', 'session_count') }} as session_count,
        {{ epoch('body', 'last_request_at') }} as last_request_at,
        {{ epoch('body', 'created_at') }} as created_at,
        {{ epoch('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
