-- what made a customer's MRR grow on a day: the item that gained most tells
with expansions as (
    select customer_id, movement_date, amount
    from {{ ref('mrr_movements') }}
    where movement = 'expansion'
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

items as (
    select
        periods.customer_id,
        periods.subscription_item_id,
        periods.product_id,
        periods.price_id,
        periods.quantity,
        periods.currency,
        periods.monthly_amount,
        {{ local_day('periods.from_at') }} as from_day,
        case
            when periods.until_at <= clock.as_of_at then {{ local_day('periods.until_at') }} else clock.last_day + 1
        end as until_day
    from {{ ref('subscription_item_periods') }} as periods
    cross join clock
    where periods.is_counted and not periods.is_metered and periods.from_at <= clock.as_of_at and periods.monthly_amount > 0
),

beginnings as (
    select subscription_item_id, min(from_day) as first_day from items group by subscription_item_id
),

after as (
    select expansions.customer_id as expanded_id, expansions.movement_date, items.*
    from expansions
    inner join items
        on
            expansions.customer_id = items.customer_id
            and items.from_day <= expansions.movement_date and expansions.movement_date < items.until_day
),

before as (
    select expansions.movement_date, items.*
    from expansions
    inner join items
        on
            expansions.customer_id = items.customer_id
            and items.from_day < expansions.movement_date and expansions.movement_date <= items.until_day
),

gone as (
    select before.customer_id, before.movement_date, before.product_id
    from before
    left join after
        on before.subscription_item_id = after.subscription_item_id and before.movement_date = after.movement_date
    where after.subscription_item_id is null
),

replaced as (
    select customer_id, movement_date, max(product_id) as product_id, min(product_id) as other_product_id
    from gone
    group by customer_id, movement_date
),

changes as (
    select
        after.customer_id,
        after.movement_date,
        {{ converted('after.monthly_amount', 'rates.rate') }}
        - coalesce({{ converted('before.monthly_amount', 'before_rates.rate') }}, 0) as gain,
        after.subscription_item_id,
        case
            when before.subscription_item_id is null and beginnings.first_day < after.movement_date then 'resumption'
            when before.subscription_item_id is null and replaced.customer_id is null then 'addon_purchase'
            when before.subscription_item_id is null and after.product_id in (replaced.product_id, replaced.other_product_id)
                then 'price_change'
            when before.subscription_item_id is null then 'tier_upgrade'
            when before.product_id <> after.product_id then 'tier_upgrade'
            when before.price_id = after.price_id and coalesce(before.quantity, 0) < coalesce(after.quantity, 0) then 'seat_expansion'
            when before.price_id <> after.price_id then 'price_change'
            else 'discount_change'
        end as driver
    from after
    inner join beginnings on after.subscription_item_id = beginnings.subscription_item_id
    left join before
        on after.subscription_item_id = before.subscription_item_id and after.movement_date = before.movement_date
    left join replaced on after.customer_id = replaced.customer_id and after.movement_date = replaced.movement_date
    left join {{ ref('exchange_rates') }} as rates
        on after.currency = rates.currency and after.movement_date = rates.rate_date
    left join {{ ref('exchange_rates') }} as before_rates
        on before.currency = before_rates.currency and after.movement_date = before_rates.rate_date
),

ranked as (
    select
        *,
        row_number() over (partition by customer_id, movement_date order by gain desc, subscription_item_id) as place
    from changes
),

balances as (
    select customer_id, currency, from_day, until_day, sum(mrr) as mrr
    from {{ ref('int_mrr_balances') }}
    group by customer_id, currency, from_day, until_day
),

worths as (
    select
        expansions.customer_id,
        expansions.movement_date,
        sum({{ converted('balances.mrr', 'rates.rate') }}) as after_amount
    from expansions
    inner join balances
        on
            expansions.customer_id = balances.customer_id
            and balances.from_day <= expansions.movement_date and expansions.movement_date < balances.until_day
    left join {{ ref('exchange_rates') }} as rates
        on balances.currency = rates.currency and expansions.movement_date = rates.rate_date
    group by expansions.customer_id, expansions.movement_date
)

select
    expansions.customer_id,
    expansions.movement_date,
    expansions.amount,
    coalesce(ranked.driver, 'unknown') as driver,
    cast(worths.after_amount as numeric(18, 6)) as after_amount,
    cast(worths.after_amount - expansions.amount as numeric(18, 6)) as before_amount
from expansions
inner join worths on expansions.customer_id = worths.customer_id and expansions.movement_date = worths.movement_date
left join ranked
    on expansions.customer_id = ranked.customer_id and expansions.movement_date = ranked.movement_date and ranked.place = 1
