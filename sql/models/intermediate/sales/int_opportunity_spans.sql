-- days on which an open opportunity stayed as it was: a span begins with each change and each activity
with opportunities as (
    select opportunity_key from {{ ref('int_counted_opportunities') }}
),

states as (
    select states.*
    from {{ ref('opportunity_states') }} as states
    inner join opportunities on states.opportunity_key = opportunities.opportunity_key
),

-- a day has the value of its last instant
movements as (
    select opportunity_key, changed_date as day, state_number from states
    union all
    select activities.opportunity_key, activities.done_date, null
    from {{ ref('sales_activities') }} as activities
    inner join opportunities on activities.opportunity_key = opportunities.opportunity_key
),

days as (
    select opportunity_key, day, max(state_number) as state_number
    from movements
    where day <= {{ known_until(ref('int_counted_opportunities')) }}
    group by opportunity_key, day
),

spans as (
    select
        opportunity_key,
        day as first_day,
        lead(day) over (partition by opportunity_key order by day) as next_day,
        max(state_number) over (partition by opportunity_key order by day) as state_number
    from days
)

select
    spans.opportunity_key,
    spans.first_day,
    cast(coalesce(spans.next_day - 1, {{ known_until(ref('int_counted_opportunities')) }}) as date) as last_day,
    states.stage_name,
    states.amount,
    states.currency,
    states.probability,
    states.expected_close_date
from spans
inner join states on spans.opportunity_key = states.opportunity_key and spans.state_number = states.state_number
where not states.is_closed
