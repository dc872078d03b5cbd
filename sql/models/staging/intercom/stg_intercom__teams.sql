with source as {{ fence() }} (
    {{ current_rows('intercom', 'teams') }}
),

renamed as (
    select
        id as team_id,
        {{ json_text('body', 'name') }} as name,
        extracted_at
    from source
)

select * from renamed
