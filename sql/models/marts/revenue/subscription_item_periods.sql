-- half-open periods [from_at, until_at) in which an item of a subscription is worth the same
with items as (
    select * from {{ ref('int_stripe__item_segments') }}
),

segments as (
    select * from {{ ref('int_stripe__subscription_segments') }}
),

states as (
    select * from {{ ref('int_stripe__subscription_states') }}
),

discounted as (
    select * from {{ ref('int_stripe__discounted_items') }}
),

taxes as (
    select * from {{ ref('int_stripe__item_taxes') }}
),

valued as (
    select
        items.*,
        segments.until_at,
        segments.opened_by,
        segments.closed_by,
        states.status,
        states.is_collection_paused,
        states.is_cancellation_scheduled,
        {{ exact_quotient(
            'items.numerator * coalesce(taxes.net_part, 1)',
            'items.denominator * coalesce(taxes.gross_part, 1) * ' ~ minor_units('items.currency')
        ) }} as list_amount,
        {{ exact_quotient(
            'discounted.numerator * coalesce(taxes.net_part, 1)',
            'discounted.denominator * coalesce(taxes.gross_part, 1) * ' ~ minor_units('items.currency')
        ) }} as monthly_amount
    from items
    inner join segments on items.subscription_id = segments.subscription_id and items.from_at = segments.from_at
    inner join states
        on
            items.subscription_id = states.subscription_id
            and items.from_at >= states.from_at and (states.until_at is null or items.from_at < states.until_at)
    inner join discounted
        on
            items.subscription_id = discounted.subscription_id
            and items.from_at = discounted.from_at and items.subscription_item_id = discounted.subscription_item_id
    left join taxes on items.subscription_item_id = taxes.subscription_item_id
),

compared as (
    select
        *,
        concat_ws(
            '/', price_id, quantity, monthly_amount, status, is_collection_paused, is_cancellation_scheduled
        ) as content,
        lag(until_at) over (partition by subscription_item_id order by from_at) as previous_until_at
    from valued
),

followed as (
    select *, lag(content) over (partition by subscription_item_id order by from_at) as previous_content
    from compared
),

starts as (
    select
        *,
        case when content = previous_content and from_at = previous_until_at then 0 else 1 end as is_start
    from followed
),

numbered as (
    select *, sum(is_start) over (partition by subscription_item_id order by from_at) as period_number
    from starts
),

merged as (
    select
        *,
        last_value(until_at) over period as period_until_at,
        last_value(closed_by) over period as period_closed_by
    from numbered
    window period as (
        partition by subscription_item_id, period_number order by from_at rows between unbounded preceding and unbounded following
    )
)

select
    subscription_item_id || '/' || cast(extract(epoch from from_at) as bigint) as subscription_item_period_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    product_id,
    price_id,
    currency,
    quantity,
    from_at,
    period_until_at as until_at,
    status,
    {{ counts('status', 'is_collection_paused') }} as is_counted,
    is_collection_paused,
    is_cancellation_scheduled,
    is_metered,
    list_amount,
    monthly_amount,
    opened_by,
    period_closed_by as closed_by
from merged
where is_start = 1
