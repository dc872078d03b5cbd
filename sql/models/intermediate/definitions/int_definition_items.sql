-- items whose discounts depend on the definition, as a month ends: each way of counting stands as a subscription of its own
with items as (
    select * from {{ ref('int_month_end_items') }}
),

segments as (
    select * from {{ ref('int_stripe__item_segments') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

stretches as (
    select * from {{ ref('int_stripe__subscription_segments') }}
),

discounts as (
    select * from {{ ref('int_definition_discounts') }} where is_temporary
),

-- what is paid ahead is worth what it would be if it went on: its discounts may end after it has
affected as (
    select distinct items.subscription_id, items.period_start, items.last_day, items.is_paid_ahead, discounts.policy
    from items
    cross join clock
    inner join discounts
        on
            items.subscription_id = discounts.subscription_id
            and (items.is_paid_ahead or {{ holds_as_day_ends('discounts.from_at', 'discounts.until_at', 'items.last_day') }})
    where items.is_paid_ahead or discounts.policy <> '{{ house_discount_policy() }}'
    union
    select distinct items.subscription_id, items.period_start, items.last_day, items.is_paid_ahead, discounts.policy
    from items
    cross join clock
    inner join {{ ref('int_stripe__discount_applications') }} as applications on items.subscription_id = applications.subscription_id
    inner join discounts on applications.discount_id = discounts.discount_id and items.subscription_id = discounts.subscription_id
    where
        discounts.policy <> '{{ house_discount_policy() }}'
        and {{ holds_as_day_ends('applications.from_at', 'applications.until_at', 'items.last_day') }}
),

last_stretches as (
    select subscription_id, max(from_at) as from_at from stretches group by subscription_id
),

placed as (
    select affected.*, stretches.from_at
    from affected
    cross join clock
    inner join stretches
        on
            affected.subscription_id = stretches.subscription_id
            and {{ holds_as_day_ends('stretches.from_at', 'stretches.until_at', 'affected.last_day') }}
    where not affected.is_paid_ahead
    union all
    select affected.*, last_stretches.from_at
    from affected
    inner join last_stretches on affected.subscription_id = last_stretches.subscription_id
    where affected.is_paid_ahead
)

select
    placed.policy || '/' || segments.subscription_id as subscription_id,
    placed.period_start as from_at,
    placed.last_day,
    placed.policy,
    segments.subscription_id as stripe_subscription_id,
    segments.subscription_item_id,
    segments.currency,
    segments.product_id,
    segments.is_metered,
    segments.months_dividend,
    segments.months_divisor,
    segments.numerator,
    segments.denominator
from placed
inner join segments on placed.subscription_id = segments.subscription_id and placed.from_at = segments.from_at
