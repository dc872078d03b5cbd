-- every coupon ever seen, deleted ones included: they go on discounting
with versions as {{ fence() }} (
    {{ version_rows('stripe', 'coupons') }}
),

discounts as (
    select * from {{ ref('int_stripe__discount_objects') }}
),

candidates as (
    select id as coupon_id, body, 2 as priority, extracted_at as seen_at
    from versions
    where {{ json_text('body', 'duration') }} is not null
    union all
    select coupon_id, coupon_body, 1, started_at from discounts where {{ json_is_object('coupon_body') }}
),

ranked as (
    select
        *,
        row_number() over (partition by coupon_id order by priority desc, seen_at desc) as choice
    from candidates
),

coupons as (
    select
        coupon_id,
        {{ json_text('body', 'duration') }} as duration,
        cast({{ json_text('body', 'percent_off') }} as numeric(18, 6)) as percent_off,
        cast({{ json_text('body', 'amount_off') }} as bigint) as amount_off_minor,
        upper({{ json_text('body', 'currency') }}) as currency,
        {{ json_value('body', 'currency_options') }} as currency_options,
        cast({{ json_value('body', 'applies_to.products') }} as text) as product_ids
    from ranked
    where choice = 1
)

select * from coupons
