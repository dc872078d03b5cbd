-- every discount ever seen, wherever the API showed it whole, with its latest state
with subscriptions as {{ fence() }} (
    {{ version_rows('stripe', 'subscriptions') }}
),

customers as {{ fence() }} (
    {{ version_rows('stripe', 'customers') }}
),

events as (
    select * from {{ ref('stg_stripe__events') }}
    where type like 'customer.discount.%'
),

bodies as (
    select discount.value as body, subscriptions.extracted_at as seen_at
    from subscriptions
    {{ json_elements('subscriptions.body', 'discounts', 'discount') }}
    union all
    select discount.value, subscriptions.extracted_at
    from subscriptions
    {{ json_elements('subscriptions.body', 'items.data', 'item') }}
    {{ json_elements('item.value', 'discounts', 'discount') }}
    union all
    select {{ json_value('body', 'discount') }}, extracted_at
    from customers
    union all
    select body, seen_at from {{ ref('int_stripe__invoice_discounts') }}
    union all
    select object_body, created_at
    from events
),

ranked as (
    select
        body,
        row_number() over (partition by {{ json_text('body', 'id') }} order by seen_at desc) as recency
    from bodies
    where {{ json_is_object('body') }}
),

removals as (
    select object_id as discount_id, min(created_at) as removed_at
    from events
    where type = 'customer.discount.deleted'
    group by object_id
),

discounts as (
    select
        {{ json_text('body', 'id') }} as discount_id,
        {{ json_reference('body', 'customer') }} as customer_id,
        {{ json_reference('body', 'subscription') }} as subscription_id,
        {{ json_text('body', 'subscription_item') }} as subscription_item_id,
        coalesce({{ json_text('body', 'invoice') }}, {{ json_text('body', 'invoice_item') }}) as invoice_id,
        {{ json_reference('body', 'source.coupon') }} as coupon_id,
        {{ json_value('body', 'source.coupon') }} as coupon_body,
        {{ epoch('body', 'start') }} as started_at,
        {{ epoch('body', 'end') }} as planned_end_at
    from ranked
    where recency = 1
)

select
    discounts.*,
    least(discounts.planned_end_at, removals.removed_at) as ended_at
from discounts
left join removals on discounts.discount_id = removals.discount_id
