with source as {{ fence() }} (
    {{ current_rows('intercom', 'contact_companies', key='company_list_id') }}
),

renamed as (
    select
        source.id as company_list_id,
        split_part(source.id, '/', 2) as contact_id,
        {{ json_text('company.value', 'id') }} as company_id,
        source.extracted_at,
        source.batch_id
    from source
    {{ json_elements('source.body', 'data', 'company') }}
)

select * from renamed
