-- the items of a segment with their monthly price as a fraction of minor units; one denominator for a whole segment
with segments as (
    select * from {{ ref('int_stripe__subscription_segments') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

items as (
    select * from {{ ref('int_stripe__subscription_item_versions') }}
),

prices as (
    select * from {{ ref('int_stripe__prices') }}
),

amounts as (
    select * from {{ ref('int_stripe__price_amounts') }}
),

priced as (
    select
        segments.subscription_id,
        segments.from_at,
        items.subscription_item_id,
        items.price_id,
        items.quantity,
        bounds.customer_id,
        bounds.currency,
        prices.product_id,
        prices.is_metered,
        case when prices.is_metered then 0 else coalesce(amounts.amount_minor, 0) end as amount_minor,
        -- months a period lasts: interval_count * 12 / weight
        case prices.billing_interval when 'day' then 365 when 'week' then 52 when 'month' then 12 when 'year' then 1 end as weight,
        coalesce(prices.interval_count, 1) as interval_count
    from segments
    inner join bounds on segments.subscription_id = bounds.subscription_id
    inner join items
        on
            segments.subscription_id = items.subscription_id
            and segments.from_at >= items.from_at and (items.until_at is null or segments.from_at < items.until_at)
    left join prices on items.price_id = prices.price_id and bounds.currency = prices.currency
    left join amounts
        on items.price_id = amounts.price_id and bounds.currency = amounts.currency and items.quantity = amounts.quantity
),

scaled as (
    select
        *,
        cast(max(case when amount_minor = trunc(amount_minor) then 1 else 1000000000000 end) over segment as {{ big_integer() }}) as scale,
        min(interval_count) over segment as shortest_count,
        max(interval_count) over segment as longest_count,
        first_value(weight) over (
            partition by subscription_id, from_at
            order by cast(interval_count as numeric(18, 9)) * 1000000 * case weight when 365 then 12 when 52 then 84 when 12 then 365 else 4380 end
        ) as billing_weight,
        first_value(interval_count) over (
            partition by subscription_id, from_at
            order by cast(interval_count as numeric(18, 9)) * 1000000 * case weight when 365 then 12 when 52 then 84 when 12 then 365 else 4380 end
        ) as billing_count
    from priced
    window segment as (partition by subscription_id, from_at)
),

common as (
    select
        *,
        case when shortest_count = longest_count then shortest_count else shortest_count * longest_count end as common_count
    from scaled
)

select
    subscription_id,
    from_at,
    subscription_item_id,
    customer_id,
    currency,
    price_id,
    product_id,
    quantity,
    is_metered,
    weight,
    interval_count,
    billing_weight,
    billing_count,
    cast(amount_minor * cast(scale as numeric(38, 0)) as {{ big_integer() }}) * weight
    * {{ whole_quotient('common_count', 'interval_count') }} as numerator,
    scale * 12 * common_count as denominator
from common
