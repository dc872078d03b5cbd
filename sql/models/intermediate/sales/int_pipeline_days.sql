-- what was open at the end of each day, as it was then, valued at that day's rate
with spans as (
    select * from {{ ref('int_opportunity_spans') }}
),

bounds as (
    select min(day) as first_day, max(day) as last_day from {{ ref('int_days') }}
),

open_days as (
    select
        spans.*,
        days.day,
        least(greatest(days.day, bounds.first_day), bounds.last_day) as rate_date
    from spans
    cross join bounds
    {{ each_day('spans.first_day', 'spans.last_day', 'days') }}
),

valued as (
    select
        open_days.*,
        {{ converted('open_days.amount', 'rates.rate') }} as reporting_amount
    from open_days
    left join {{ ref('exchange_rates') }} as rates
        on open_days.currency = rates.currency and open_days.rate_date = rates.rate_date
)

select
    valued.day,
    valued.stage_name,
    opportunities.owner_name,
    opportunities.segment,
    opportunities.region,
    opportunities.type,
    cast(date_trunc('month', valued.expected_close_date) as date) as close_month,
    coalesce(opportunities.customer_id, 'unknown') as customer_id,
    count(*) as opportunities,
    sum(case when valued.day - valued.first_day >= {{ var('stalled_after_days') }} then 1 else 0 end) as stalled_opportunities,
    sum(coalesce(valued.reporting_amount, 0)) as amount,
    sum(cast(round(coalesce(valued.reporting_amount, 0) * coalesce(valued.probability, 0), 6) as numeric(24, 6))) as weighted_amount
from valued
inner join {{ ref('int_counted_opportunities') }} as opportunities on valued.opportunity_key = opportunities.opportunity_key
group by
    valued.day,
    valued.stage_name,
    opportunities.owner_name,
    opportunities.segment,
    opportunities.region,
    opportunities.type,
    cast(date_trunc('month', valued.expected_close_date) as date),
    coalesce(opportunities.customer_id, 'unknown')
