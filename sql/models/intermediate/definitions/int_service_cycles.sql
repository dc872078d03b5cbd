-- from when on a subscription is billed in periods of a length; a change of the length begins a new cycle, a trial puts it off
with versions as (
    select * from {{ ref('int_stripe__subscription_item_versions') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

prices as (
    select * from {{ ref('int_stripe__prices') }}
),

billed as (
    select
        versions.subscription_id,
        versions.price_id,
        prices.currency,
        versions.from_at,
        bounds.final_trial_ended_at,
        case prices.billing_interval when 'month' then prices.interval_count when 'year' then 12 * prices.interval_count end
            as period_months,
        case prices.billing_interval when 'week' then 7 * prices.interval_count when 'day' then prices.interval_count end as period_days
    from versions
    inner join bounds on versions.subscription_id = bounds.subscription_id
    inner join prices on versions.price_id = prices.price_id and bounds.currency = prices.currency
    where not prices.is_metered
),

cycles as (
    select
        subscription_id,
        price_id,
        period_months,
        period_days,
        greatest(
            min(from_at) over (partition by subscription_id, period_months, period_days),
            coalesce(final_trial_ended_at, min(from_at) over (partition by subscription_id, period_months, period_days))
        ) as anchor_at
    from billed
)

select
    subscription_id,
    price_id,
    period_months,
    period_days,
    min(anchor_at) as anchor_at
from cycles
group by subscription_id, price_id, period_months, period_days
