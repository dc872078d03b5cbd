with source as {{ fence() }} (
    {{ current_rows('stripe', 'products') }}
),

renamed as (
    select
        id as product_id,
        {{ json_text('body', 'name') }} as name,
        cast({{ json_text('body', 'active') }} as boolean) as is_active,
        {{ epoch('body', 'created') }} as created_at,
        {{ epoch('body', 'updated') }} as updated_at,
        extracted_at
    from source
)

select * from renamed
