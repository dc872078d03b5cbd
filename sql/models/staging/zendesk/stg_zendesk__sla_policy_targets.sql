with source as {{ fence() }} (
    {{ current_rows('zendesk', 'sla_policies') }}
),

targets as {{ fence() }} (
    select
        source.id as sla_policy_id,
        {{ json_text('source.body', 'title') }} as policy_name,
        {{ json_whole('source.body', 'position') }} as policy_position,
        target.value as body,
        source.extracted_at
    from source
    {{ json_elements('source.body', 'policy_metrics', 'target') }}
),

renamed as (
    select
        sla_policy_id,
        policy_name,
        policy_position,
        {{ json_text('body', 'priority') }} as priority,
        {{ json_text('body', 'metric') }} as metric,
        {{ json_whole('body', 'target') }} as target_minutes,
        {{ json_boolean('body', 'business_hours') }} as in_business_hours,
        extracted_at
    from targets
)

select * from renamed
