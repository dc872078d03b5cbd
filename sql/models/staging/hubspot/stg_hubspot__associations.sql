with source as {{ fence() }} (
    {{ current_rows('hubspot', 'associations', key='association_list_id') }}
),

renamed as (
    select
        source.id as association_list_id,
        split_part(source.id, '/', 1) as from_type,
        split_part(source.id, '/', 2) as from_id,
        split_part(source.id, '/', 3) as to_type,
        {{ json_text('other.value', 'toObjectId') }} as to_id,
        other.position,
        source.extracted_at,
        source.batch_id
    from source
    {{ json_elements('source.body', 'to', 'other') }}
)

select * from renamed
