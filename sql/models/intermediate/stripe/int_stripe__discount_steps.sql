-- the discounts of a segment in the order in which they apply: items first, then the subscription, else the customer
with segments as (
    select * from {{ ref('int_stripe__subscription_segments') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

applications as (
    select * from {{ ref('int_stripe__discount_applications') }}
),

coupons as (
    select * from {{ ref('int_stripe__coupons') }}
),

other_amounts as (
    select
        coupons.coupon_id,
        upper(options.key) as currency,
        cast({{ json_text('options.value', 'amount_off') }} as bigint) as amount_off_minor
    from coupons
    {{ json_entries('coupons.currency_options', '', 'options') }}
    where upper(options.key) <> coupons.currency
),

applied as (
    select
        segments.subscription_id,
        segments.from_at,
        applications.subscription_item_id,
        applications.discount_id,
        applications.position,
        case applications.level when 'item' then 1 when 'subscription' then 2 else 3 end as level,
        min(case when applications.level = 'item' then null when applications.level = 'subscription' then 2 else 3 end)
            over (partition by segments.subscription_id, segments.from_at) as whole_level,
        {{ discounts_recurringly('coupons.duration') }} as is_counted,
        coupons.percent_off,
        case when coupons.currency = bounds.currency then coupons.amount_off_minor else other_amounts.amount_off_minor end
            as amount_off_minor,
        coupons.product_ids
    from segments
    inner join bounds on segments.subscription_id = bounds.subscription_id
    inner join applications
        on
            segments.subscription_id = applications.subscription_id
            and segments.from_at >= applications.from_at
            and (applications.until_at is null or segments.from_at < applications.until_at)
    inner join coupons on applications.coupon_id = coupons.coupon_id
    left join other_amounts on coupons.coupon_id = other_amounts.coupon_id and bounds.currency = other_amounts.currency
),

kept as (
    select
        *,
        {{ unscaled('100 - coalesce(percent_off, 0)', 6) }} as kept_share,
        cast(100000000 as {{ big_integer() }}) as whole_share
    from applied
    where (level = 1 or level = whole_level) and is_counted
)

select
    subscription_id,
    from_at,
    subscription_item_id,
    discount_id,
    {{ whole_quotient('kept_share', 'gcd(kept_share, whole_share)') }} as kept_share,
    {{ whole_quotient('whole_share', 'gcd(kept_share, whole_share)') }} as whole_share,
    cast(amount_off_minor as {{ big_integer() }}) as amount_off_minor,
    product_ids,
    row_number() over (
        partition by subscription_id, from_at order by level, position, subscription_item_id, discount_id
    ) as step
from kept
