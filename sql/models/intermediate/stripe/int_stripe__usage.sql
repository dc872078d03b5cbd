-- usage of a month by meter, with the metered price that its subscription item had last in that month
with summaries as (
    select
        *,
        cast(date_trunc('month', {{ local_day('started_at') }}) as date) as usage_month
    from {{ ref('stg_stripe__meter_event_summaries') }}
),

meters as (
    select * from {{ ref('stg_stripe__meters') }}
),

versions as (
    select * from {{ ref('int_stripe__subscription_item_versions') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

prices as (
    select * from {{ ref('int_stripe__prices') }} where is_metered
),

ranked as (
    select
        summaries.*,
        row_number() over (
            partition by summaries.meter_id, summaries.customer_id, summaries.usage_month order by summaries.started_at desc
        ) as recency
    from summaries
),

usage as (
    select
        ranked.customer_id,
        ranked.meter_id,
        ranked.usage_month,
        max(ranked.started_at) as last_used_at,
        cast(
            sum(case when meters.aggregation = 'last' and ranked.recency > 1 then 0 else ranked.aggregated_value end)
            as numeric(26, 6)
        ) as quantity
    from ranked
    left join meters on ranked.meter_id = meters.meter_id
    group by ranked.customer_id, ranked.meter_id, ranked.usage_month
),

priced as (
    select
        usage.customer_id,
        usage.meter_id,
        usage.usage_month,
        usage.quantity,
        bounds.currency,
        versions.price_id,
        versions.subscription_id,
        row_number() over (
            partition by usage.customer_id, usage.meter_id, usage.usage_month
            order by versions.from_at desc, versions.subscription_item_id desc
        ) as choice
    from usage
    inner join bounds on usage.customer_id = bounds.customer_id
    inner join versions on bounds.subscription_id = versions.subscription_id and versions.from_at <= usage.last_used_at
    inner join prices
        on versions.price_id = prices.price_id and bounds.currency = prices.currency and usage.meter_id = prices.meter_id
)

select customer_id, meter_id, usage_month, quantity, currency, price_id, subscription_id
from priced
where choice = 1
