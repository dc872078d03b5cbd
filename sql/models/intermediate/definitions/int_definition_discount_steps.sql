-- the discounts of such items in the order in which they apply
{% set applied %}
    (
        select distinct
            items.subscription_id,
            items.from_at,
            items.currency,
            discounts.subscription_item_id,
            discounts.discount_id,
            discounts.coupon_id,
            discounts.position,
            discounts.level,
            discounts.is_counted
        from {{ ref('int_definition_items') }} as items
        cross join {{ ref('int_data_as_of') }} as clock
        inner join {{ ref('int_definition_discounts') }} as discounts
            on
                items.policy = discounts.policy and items.stripe_subscription_id = discounts.subscription_id
                and {{ holds_as_day_ends('discounts.from_at', 'discounts.until_at', 'items.last_day') }}
    )
{% endset %}

{{ discount_steps(applied) }}
