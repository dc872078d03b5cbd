-- discounts that hang on a customer, until they end or a later version of the customer no longer carries them
with versions as {{ fence() }} (
    {{ version_rows('stripe', 'customers') }}
),

discounts as (
    select * from {{ ref('int_stripe__discount_objects') }}
    where subscription_id is null and subscription_item_id is null and invoice_id is null and customer_id is not null
),

carried as (
    select
        id as customer_id,
        coalesce(source_updated_at, extracted_at) as seen_at,
        {{ json_reference('body', 'discount') }} as discount_id
    from versions
),

dropped as (
    select discounts.discount_id, min(carried.seen_at) as dropped_at
    from discounts
    inner join carried
        on
            discounts.customer_id = carried.customer_id
            and discounts.started_at < carried.seen_at
            and discounts.discount_id is distinct from carried.discount_id
    group by discounts.discount_id
),

applications as (
    select
        discounts.customer_id,
        discounts.discount_id,
        discounts.coupon_id,
        discounts.started_at as from_at,
        least(discounts.ended_at, dropped.dropped_at) as until_at
    from discounts
    left join dropped on discounts.discount_id = dropped.discount_id
)

select * from applications
