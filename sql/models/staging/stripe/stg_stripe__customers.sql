with source as {{ fence() }} (
    {{ current_rows('stripe', 'customers', key='customer_id') }}
),

renamed as (
    select
        id as customer_id,
        {{ json_text('body', 'email') }} as email,
        {{ json_text('body', 'name') }} as name,
        {{ json_text('body', 'description') }} as description,
        {{ json_text('body', 'phone') }} as phone,
        {{ json_text('body', 'address.country') }} as country,
        upper({{ json_text('body', 'currency') }}) as currency,
        cast({{ json_text('body', 'delinquent') }} as boolean) as is_delinquent,
        {{ epoch('body', 'created') }} as created_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
