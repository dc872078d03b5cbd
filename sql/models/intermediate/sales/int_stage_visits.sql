-- stays of opportunities in open stages: how long, and whether the opportunity ever got further
with history as (
    select * from {{ ref('opportunity_stage_history') }}
),

-- what is lost has got nowhere
ahead as (
    select
        *,
        row_number() over (partition by opportunity_key, stage_name order by step) = 1 as is_first_visit,
        max(case when is_won or not is_closed then position end) over (
            partition by opportunity_key order by step rows between 1 following and unbounded following
        ) as furthest_position
    from history
)

select
    ahead.opportunity_key,
    opportunities.system,
    opportunities.owner_name,
    opportunities.segment,
    ahead.stage_name,
    ahead.is_first_visit,
    coalesce(ahead.furthest_position > ahead.position, false) as has_progressed,
    {{ epoch_second('ahead.left_at') }} - {{ epoch_second('ahead.entered_at') }} as seconds,
    {{ local_day('ahead.entered_at') }} as entered_date,
    {{ local_day('ahead.left_at') }} as left_date
from ahead
inner join {{ ref('int_counted_opportunities') }} as opportunities on ahead.opportunity_key = opportunities.opportunity_key
where not ahead.is_closed
