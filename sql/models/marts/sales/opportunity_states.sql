-- what was known of an opportunity from each change of its stage, amount or expected close on
with hubspot_stages as (
    select stage_id, min(stage_name) as stage_name
    from {{ ref('stg_hubspot__pipeline_stages') }}
    where object_type = 'deals'
    group by stage_id
),

hubspot_changes as (
    select
        object_id as opportunity_id,
        property,
        value,
        changed_at,
        row_number() over (partition by object_id order by changed_at, recency desc, property) as change_number
    from {{ ref('stg_hubspot__property_history') }}
    where object_type = 'deals' and property in ('dealstage', 'amount', 'closedate')
),

-- each property keeps its value until it changes; what changed in one instant is one state
hubspot_latest as (
    select
        opportunity_id,
        changed_at,
        change_number,
        max(change_number) over (partition by opportunity_id, changed_at) as last_number,
        max(case when property = 'dealstage' then change_number end) over so_far as dealstage_number,
        max(case when property = 'amount' then change_number end) over so_far as amount_number,
        max(case when property = 'closedate' then change_number end) over so_far as closedate_number
    from hubspot_changes
    window so_far as (partition by opportunity_id order by change_number rows between unbounded preceding and current row)
),

hubspot as (
    select
        latest.opportunity_id,
        coalesce(stages.stage_name, stage_changes.value) as stage_name,
        cast(amounts.value as numeric(24, 6)) as amount,
        deals.currency,
        cast(closes.value as timestamp with time zone) as expected_close_at,
        latest.changed_at,
        latest.change_number
    from hubspot_latest as latest
    inner join {{ ref('stg_hubspot__deals') }} as deals on latest.opportunity_id = deals.deal_id
    inner join hubspot_changes as stage_changes
        on latest.opportunity_id = stage_changes.opportunity_id and latest.dealstage_number = stage_changes.change_number
    left join hubspot_stages as stages on stage_changes.value = stages.stage_id
    left join hubspot_changes as amounts
        on latest.opportunity_id = amounts.opportunity_id and latest.amount_number = amounts.change_number
    left join hubspot_changes as closes
        on latest.opportunity_id = closes.opportunity_id and latest.closedate_number = closes.change_number
    where latest.change_number = latest.last_number
),

states as (
    select
        'hubspot' as system,
        hubspot.opportunity_id,
        hubspot.stage_name,
        hubspot.amount,
        hubspot.currency,
        stages.probability,
        {{ local_day('hubspot.expected_close_at') }} as expected_close_date,
        hubspot.changed_at,
        hubspot.change_number as tie
    from hubspot
    left join {{ ref('int_opportunity_stages') }} as stages on stages.system = 'hubspot' and hubspot.stage_name = stages.stage_name
    union all
    select
        'salesforce',
        opportunity_id,
        stage_name,
        amount,
        currency,
        cast(probability * 0.01 as numeric(24, 6)),
        close_date,
        created_at,
        row_number() over (order by opportunity_history_id)
    from {{ ref('stg_salesforce__opportunity_histories') }}
)

select
    states.system || '/' || states.opportunity_id as opportunity_key,
    states.system,
    states.opportunity_id,
    row_number() over (partition by states.system, states.opportunity_id order by states.changed_at, states.tie) as state_number,
    states.stage_name,
    coalesce(stages.is_closed, false) as is_closed,
    states.amount,
    coalesce(states.currency, '{{ var("reporting_currency") }}') as currency,
    states.probability,
    states.expected_close_date,
    states.changed_at,
    {{ local_day('states.changed_at') }} as changed_date
from states
left join {{ ref('int_opportunity_stages') }} as stages on states.system = stages.system and states.stage_name = stages.stage_name
