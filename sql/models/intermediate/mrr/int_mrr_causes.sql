-- the subscription item whose period opened or closed on a day, and the version, event or discount that did it
with periods as (
    select * from {{ ref('subscription_item_periods') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

edges as (
    select customer_id, subscription_id, subscription_item_id, from_at as changed_at, opened_by as origin, monthly_amount
    from periods
    where is_counted
    union all
    select customer_id, subscription_id, subscription_item_id, until_at, closed_by, monthly_amount
    from periods
    where is_counted and until_at is not null
),

ranked as (
    select
        edges.customer_id,
        {{ local_day('edges.changed_at') }} as changed_date,
        edges.subscription_id,
        edges.subscription_item_id,
        edges.changed_at,
        edges.origin,
        row_number() over (
            partition by edges.customer_id, {{ local_day('edges.changed_at') }}
            order by edges.changed_at desc, edges.monthly_amount desc, edges.subscription_item_id, edges.origin
        ) as choice
    from edges
    cross join clock
    where edges.changed_at <= clock.as_of_at
)

select customer_id, changed_date, subscription_id, subscription_item_id, changed_at, origin
from ranked
where choice = 1
