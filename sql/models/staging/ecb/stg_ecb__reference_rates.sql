with source as {{ fence() }} (
    {{ current_rows('ecb', 'reference_rates') }}
),

renamed as (
    select
        id as reference_rate_id,
        cast({{ json_text('body', 'date') }} as date) as published_date,
        upper({{ json_text('body', 'currency') }}) as currency,
        cast({{ json_text('body', 'rate') }} as numeric(24, 12)) as units_per_euro
    from source
)

select * from renamed
