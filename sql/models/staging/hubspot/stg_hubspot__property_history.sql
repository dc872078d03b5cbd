with source as {{ fence() }} (
    {{ current_rows('hubspot', 'property_history', key='property_history_id') }}
),

renamed as (
    select
        source.id as property_history_id,
        split_part(source.id, '/', 1) as object_type,
        split_part(source.id, '/', 2) as object_id,
        property.key as property,
        nullif({{ json_text('version.value', 'value') }}, '') as value,
        {{ json_instant('version.value', 'timestamp') }} as changed_at,
        {{ json_text('version.value', 'sourceType') }} as changed_by,
        version.position as recency,
        source.extracted_at,
        source.batch_id
    from source
    {{ json_entries('source.body', 'propertiesWithHistory', 'property') }}
    {{ json_elements('property.value', '', 'version') }}
)

select * from renamed
