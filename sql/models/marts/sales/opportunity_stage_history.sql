-- the stages that opportunities went through, in order; going back is entering again
with hubspot_stages as (
    select stage_id, min(stage_name) as stage_name
    from {{ ref('stg_hubspot__pipeline_stages') }}
    where object_type = 'deals'
    group by stage_id
),

observed as (
    select
        'hubspot' as system,
        history.object_id as opportunity_id,
        coalesce(stages.stage_name, history.value) as stage_name,
        history.changed_at as entered_at,
        -history.recency as tie
    from {{ ref('stg_hubspot__property_history') }} as history
    left join hubspot_stages as stages on history.value = stages.stage_id
    where history.object_type = 'deals' and history.property = 'dealstage' and history.value is not null
    union all
    select 'salesforce', opportunity_id, stage_name, created_at, row_number() over (order by opportunity_history_id)
    from {{ ref('stg_salesforce__opportunity_histories') }}
),

changes as (
    select
        *,
        lag(stage_name) over (partition by system, opportunity_id order by entered_at, tie) as previous_stage_name
    from observed
),

steps as (
    select
        system,
        opportunity_id,
        row_number() over (partition by system, opportunity_id order by entered_at, tie) as step,
        stage_name,
        previous_stage_name,
        entered_at,
        lead(entered_at) over (partition by system, opportunity_id order by entered_at, tie) as left_at
    from changes
    where previous_stage_name is null or previous_stage_name <> stage_name
)

select
    steps.system || '/' || steps.opportunity_id as opportunity_key,
    steps.*,
    stages.position,
    coalesce(stages.is_closed, false) as is_closed,
    coalesce(stages.is_won, false) as is_won
from steps
left join {{ ref('int_opportunity_stages') }} as stages on steps.system = stages.system and steps.stage_name = stages.stage_name
