with source as {{ fence() }} (
    {{ current_rows('intercom', 'contact_companies') }}
),

renamed as (
    select
        split_part(source.id, '/', 2) as contact_id,
        {{ json_text('company.value', 'id') }} as company_id,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'data', 'company') }}
)

select * from renamed
