-- when a discount lowers a subscription or an item: from its start to its end or to the first observation that no longer lists it
with observations as (
    select * from {{ ref('int_stripe__subscription_observations') }}
),

items as (
    select * from {{ ref('int_stripe__observed_items') }}
),

discounts as (
    select * from {{ ref('int_stripe__discount_objects') }} where invoice_id is null
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

listings as (
    select
        observations.subscription_id,
        cast(null as text) as subscription_item_id,
        observations.observed_at,
        coalesce({{ json_text('discount.value', 'id') }}, {{ json_scalar('discount.value') }}) as discount_id,
        discount.position
    from observations
    {{ json_elements('observations.discounts', '', 'discount') }}
    union all
    select
        items.subscription_id,
        items.subscription_item_id,
        items.observed_at,
        coalesce({{ json_text('discount.value', 'id') }}, {{ json_scalar('discount.value') }}),
        discount.position
    from items
    {{ json_elements('items.discounts', '', 'discount') }}
),

places as (
    select
        discount_id,
        max(subscription_id) as subscription_id,
        max(subscription_item_id) as subscription_item_id,
        min(position) as position
    from listings
    group by discount_id
),

targets as (
    select
        discounts.discount_id,
        discounts.coupon_id,
        discounts.started_at,
        discounts.ended_at,
        coalesce(places.subscription_id, discounts.subscription_id) as subscription_id,
        coalesce(places.subscription_item_id, discounts.subscription_item_id) as subscription_item_id,
        coalesce(places.position, 1000) as position
    from discounts
    left join places on discounts.discount_id = places.discount_id
    where coalesce(places.subscription_id, discounts.subscription_id) is not null
),

unlisted as (
    select targets.discount_id, min(observations.observed_at) as unlisted_at
    from targets
    inner join observations
        on targets.subscription_id = observations.subscription_id and targets.started_at < observations.observed_at
    left join listings
        on targets.discount_id = listings.discount_id and observations.observed_at = listings.observed_at
    where listings.discount_id is null
    group by targets.discount_id
),

applications as (
    select
        targets.subscription_id,
        targets.subscription_item_id,
        case when targets.subscription_item_id is null then 'subscription' else 'item' end as level,
        targets.discount_id,
        targets.coupon_id,
        targets.started_at as from_at,
        least(targets.ended_at, unlisted.unlisted_at) as until_at,
        targets.position
    from targets
    left join unlisted on targets.discount_id = unlisted.discount_id
    union all
    select
        bounds.subscription_id,
        null,
        'customer',
        customer_discounts.discount_id,
        customer_discounts.coupon_id,
        customer_discounts.from_at,
        customer_discounts.until_at,
        1
    from {{ ref('int_stripe__customer_discounts') }} as customer_discounts
    inner join bounds on customer_discounts.customer_id = bounds.customer_id
)

select *
from applications
where until_at is null or from_at < until_at
