-- the items of a segment with their monthly price as a fraction of minor units; items billed together share the denominator
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
        -- a period lasts 12 * interval_count / weight months
        cast(case prices.billing_interval when 'day' then 365 when 'week' then 52 when 'year' then 1 else 12 end as bigint) as weight,
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
        cast(
            max(case when amount_minor = trunc(amount_minor) then 1 else 1000000000000 end) over (
                partition by subscription_id, from_at
            ) as {{ big_integer() }}
        ) as scale,
        cast({{ whole_quotient('weight', 'gcd(weight, interval_count)') }} as bigint) as months_divisor,
        cast({{ whole_quotient('12 * interval_count', 'gcd(weight, interval_count)') }} as bigint) as months_dividend
    from priced
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
    months_dividend,
    months_divisor,
    cast(amount_minor * cast(scale as numeric(38, 0)) as {{ big_integer() }}) * months_divisor as numerator,
    scale * months_dividend as denominator
from scaled
