-- stretches of a subscription's life in which nothing changes: no item, status or discount
with bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

observations as (
    select * from {{ ref('int_stripe__subscription_observations') }}
),

items as (
    select * from {{ ref('int_stripe__subscription_item_versions') }}
),

states as (
    select * from {{ ref('int_stripe__subscription_states') }}
),

discounts as (
    select * from {{ ref('int_stripe__discount_applications') }}
),

instants as (
    select subscription_id, from_at as changed_at, origin, 1 as priority from items
    union all
    select subscription_id, from_at, origin, 2 from states
    union all
    select items.subscription_id, items.until_at, observations.origin, 3
    from items
    left join observations
        on items.subscription_id = observations.subscription_id and items.until_at = observations.observed_at
    where items.until_at is not null
    union all
    select subscription_id, from_at, discount_id, 4 from discounts
    union all
    select subscription_id, until_at, discount_id, 4 from discounts where until_at is not null
    union all
    select
        bounds.subscription_id,
        bounds.ended_at,
        coalesce(min(observations.origin), bounds.customer_id),
        0
    from bounds
    left join observations
        on bounds.subscription_id = observations.subscription_id and bounds.ended_at = observations.ended_at
    where bounds.ended_at is not null
    group by bounds.subscription_id, bounds.ended_at, bounds.customer_id
),

chosen as (
    select
        subscription_id,
        changed_at,
        origin,
        row_number() over (partition by subscription_id, changed_at order by priority, origin) as choice
    from instants
),

segments as (
    select
        subscription_id,
        changed_at as from_at,
        lead(changed_at) over (partition by subscription_id order by changed_at) as until_at,
        origin as opened_by,
        lead(origin) over (partition by subscription_id order by changed_at) as closed_by
    from chosen
    where choice = 1
)

select segments.*
from segments
inner join bounds on segments.subscription_id = bounds.subscription_id
where
    segments.from_at >= bounds.started_at
    and (bounds.ended_at is null or segments.from_at < bounds.ended_at)
