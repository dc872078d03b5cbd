with source as {{ fence() }} (
    {{ current_rows('salesforce', 'opportunity_field_histories', key='opportunity_field_history_id') }}
),

renamed as (
    select
        id as opportunity_field_history_id,
        {{ json_text('body', 'OpportunityId') }} as opportunity_id,
        {{ json_text('body', 'Field') }} as field,
        {{ json_text('body', 'DataType') }} as data_type,
        {{ json_text('body', 'OldValue') }} as old_value,
        {{ json_text('body', 'NewValue') }} as new_value,
        {{ json_text('body', 'CreatedById') }} as changed_by_id,
        {{ json_instant('body', 'CreatedDate') }} as created_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
