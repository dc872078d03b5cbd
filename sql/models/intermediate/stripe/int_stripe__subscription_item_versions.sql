-- price and quantity of an item from an instant on: captured where it was seen, from billings before that
with observations as (
    select * from {{ ref('int_stripe__subscription_observations') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

billings as (
    select * from {{ ref('int_stripe__item_billings') }}
),

captured as (
    select * from {{ ref('int_stripe__observed_items') }}
),

-- billings speak for the time that no observation covers: before the first, and before one that only a list brought
uncovered as (
    select billings.*
    from billings
    inner join observations
        on
            billings.subscription_id = observations.subscription_id
            and billings.billed_from_at < observations.observed_at
            and (observations.previous_observed_at is null or billings.billed_from_at > observations.previous_observed_at)
    where observations.previous_observed_at is null or observations.is_listed
),

known as (
    select subscription_id, subscription_item_id, observed_at as from_at, price_id, quantity, true as is_present, origin from captured
    union all
    select subscription_id, subscription_item_id, billed_from_at, price_id, quantity, is_present, origin from uncovered
),

items as (
    select subscription_id, subscription_item_id, min(from_at) as first_known_at
    from known
    group by subscription_id, subscription_item_id
),

creations as (
    select subscription_item_id, min(created_at) as created_at from captured group by subscription_item_id
),

-- an item that a later observation no longer lists was removed
removed as (
    select
        items.subscription_id,
        items.subscription_item_id,
        observations.observed_at as from_at,
        observations.origin
    from items
    inner join observations
        on items.subscription_id = observations.subscription_id and items.first_known_at < observations.observed_at
    left join captured
        on
            items.subscription_item_id = captured.subscription_item_id
            and observations.subscription_id = captured.subscription_id and observations.observed_at = captured.observed_at
    where captured.subscription_item_id is null
),

-- from an item's creation to the first that is known of it, it was what is known first
beginnings as (
    select
        known.subscription_id,
        known.subscription_item_id,
        case
            when creations.created_at <= bounds.created_at then bounds.started_at else creations.created_at
        end as from_at,
        known.price_id,
        known.quantity,
        known.is_present,
        known.origin
    from known
    inner join items
        on known.subscription_item_id = items.subscription_item_id and known.from_at = items.first_known_at
    inner join bounds on known.subscription_id = bounds.subscription_id
    inner join creations on known.subscription_item_id = creations.subscription_item_id
),

versions as (
    select * from known
    union all
    select subscription_id, subscription_item_id, from_at, null, 0, false, origin from removed
    union all
    select beginnings.*
    from beginnings
    inner join items
        on beginnings.subscription_item_id = items.subscription_item_id and beginnings.from_at < items.first_known_at
),

bounded as (
    select
        subscription_id,
        subscription_item_id,
        from_at,
        lead(from_at) over (partition by subscription_item_id order by from_at) as until_at,
        price_id,
        quantity,
        is_present,
        origin
    from (
        select
            *,
            row_number() over (partition by subscription_item_id order by from_at) as sequence,
            lag(price_id) over (partition by subscription_item_id order by from_at) as previous_price_id,
            lag(quantity) over (partition by subscription_item_id order by from_at) as previous_quantity,
            lag(is_present) over (partition by subscription_item_id order by from_at) as previously_present
        from versions
    ) as changes
    where
        sequence = 1 or price_id is distinct from previous_price_id or quantity is distinct from previous_quantity
        or is_present is distinct from previously_present
)

select subscription_id, subscription_item_id, from_at, until_at, price_id, quantity, origin
from bounded
where is_present
