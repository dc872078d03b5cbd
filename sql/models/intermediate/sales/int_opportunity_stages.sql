-- the stages that sales can be in, in either CRM; of several pipelines with a stage of one name, the first says what it is
with stages as (
    select
        'salesforce' as system,
        stage_name,
        position,
        is_closed,
        is_won,
        cast(probability * 0.01 as numeric(24, 6)) as probability
    from {{ ref('stg_salesforce__opportunity_stages') }}
    union all
    select 'hubspot', stage_name, position, is_closed, is_closed and probability > 0, cast(probability as numeric(24, 6))
    from {{ ref('stg_hubspot__pipeline_stages') }}
    where object_type = 'deals'
),

ranked as (
    select *, row_number() over (partition by system, stage_name order by position, probability) as place from stages
)

select system, stage_name, position, is_closed, is_won, probability
from ranked
where place = 1
