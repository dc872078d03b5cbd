-- the discounts of a segment in the order in which they apply: items first, then the subscription, else the customer
{% set applied %}
    (
        select
            segments.subscription_id,
            segments.from_at,
            bounds.currency,
            applications.subscription_item_id,
            applications.discount_id,
            applications.coupon_id,
            applications.position,
            applications.level,
            {{ discounts_recurringly('coupons.duration') }} as is_counted
        from {{ ref('int_stripe__subscription_segments') }} as segments
        inner join {{ ref('int_stripe__subscription_bounds') }} as bounds on segments.subscription_id = bounds.subscription_id
        inner join {{ ref('int_stripe__discount_applications') }} as applications
            on
                segments.subscription_id = applications.subscription_id
                and segments.from_at >= applications.from_at
                and (applications.until_at is null or segments.from_at < applications.until_at)
        inner join {{ ref('int_stripe__coupons') }} as coupons on applications.coupon_id = coupons.coupon_id
    )
{% endset %}

{{ discount_steps(applied) }}
