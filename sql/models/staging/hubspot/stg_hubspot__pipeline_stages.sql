with source as {{ fence() }} (
    {{ current_rows('hubspot', 'pipelines') }}
),

stages as {{ fence() }} (
    select
        split_part(source.id, '/', 1) as object_type,
        {{ json_text('source.body', 'id') }} as pipeline_id,
        {{ json_text('source.body', 'label') }} as pipeline_name,
        stage.value as body,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'stages', 'stage') }}
),

renamed as (
    select
        object_type || '/' || pipeline_id || '/' || {{ json_text('body', 'id') }} as pipeline_stage_id,
        object_type,
        pipeline_id,
        pipeline_name,
        {{ json_text('body', 'id') }} as stage_id,
        {{ json_text('body', 'label') }} as stage_name,
        {{ json_whole('body', 'displayOrder') }} as position,
        {{ json_decimal('body', 'metadata.probability') }} as probability,
        {{ json_boolean('body', 'metadata.isClosed') }} as is_closed,
        {{ json_boolean('body', 'archived') }} as is_archived,
        extracted_at
    from stages
)

select * from renamed
