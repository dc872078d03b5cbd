{#- discounts that apply to segments in the order in which they do: items first, then the subscription, else the customer.
    Each discount comes with its segment (subscription_id, from_at), the segment's currency, and whether it counts: one that does not
    still keeps a customer's discount away -#}
{% macro discount_steps(applied) -%}
with coupons as (
    select * from {{ ref('int_stripe__coupons') }}
),

other_amounts as (
    select
        coupons.coupon_id,
        upper(options.key) as currency,
        cast({{ json_text('options.value', 'amount_off') }} as bigint) as amount_off_minor
    from coupons
    {{ json_entries('coupons.currency_options', '', 'options') }}
    where upper(options.key) <> coupons.currency
),

applied as (
    select
        discounts.subscription_id,
        discounts.from_at,
        discounts.subscription_item_id,
        discounts.discount_id,
        discounts.position,
        case discounts.level when 'item' then 1 when 'subscription' then 2 else 3 end as level,
        min(case when discounts.level = 'item' then null when discounts.level = 'subscription' then 2 else 3 end)
            over (partition by discounts.subscription_id, discounts.from_at) as whole_level,
        discounts.is_counted,
        coupons.percent_off,
        case when coupons.currency = discounts.currency then coupons.amount_off_minor else other_amounts.amount_off_minor end
            as amount_off_minor,
        coupons.product_ids
    from {{ applied }} as discounts
    inner join coupons on discounts.coupon_id = coupons.coupon_id
    left join other_amounts on coupons.coupon_id = other_amounts.coupon_id and discounts.currency = other_amounts.currency
),

kept as (
    select
        *,
        {{ unscaled('100 - coalesce(percent_off, 0)', 6) }} as kept_share,
        cast(100000000 as {{ big_integer() }}) as whole_share
    from applied
    where (level = 1 or level = whole_level) and is_counted
)

select
    subscription_id,
    from_at,
    subscription_item_id,
    discount_id,
    {{ whole_quotient('kept_share', 'gcd(kept_share, whole_share)') }} as kept_share,
    {{ whole_quotient('whole_share', 'gcd(kept_share, whole_share)') }} as whole_share,
    cast(amount_off_minor as {{ big_integer() }}) as amount_off_minor,
    product_ids,
    row_number() over (
        partition by subscription_id, from_at order by level, position, subscription_item_id, discount_id
    ) as step
from kept
{%- endmacro %}

{#- items after every discount step: percentages multiply, amounts are spread in proportion, never below zero. Each item is one of a
    segment (subscription_id, from_at) with its monthly price as a fraction of minor units; so is each step -#}
{% macro discounted_items(items, steps) -%}
with recursive items as (
    select * from {{ items }}
),

steps as (
    select * from {{ steps }}
),

folded as (
    select
        items.subscription_id,
        items.from_at,
        items.subscription_item_id,
        items.numerator,
        items.denominator,
        cast(0 as bigint) as step
    from items

    union all

    select
        spread.subscription_id,
        spread.from_at,
        spread.subscription_item_id,
        case
            when spread.amount_off is null and spread.is_eligible then spread.numerator * spread.kept_share
            when spread.amount_off is null then spread.numerator * spread.whole_share
            when spread.eligible_total <= spread.amount_off and spread.is_eligible then 0
            when spread.eligible_total <= spread.amount_off then spread.numerator
            when spread.is_eligible
                then
                    spread.numerator
                    * {{ whole_quotient('spread.eligible_total - spread.amount_off', 'gcd(spread.eligible_total, spread.amount_off)') }}
            else spread.numerator * {{ whole_quotient('spread.eligible_total', 'gcd(spread.eligible_total, spread.amount_off)') }}
        end as numerator,
        case
            when spread.amount_off is null then spread.denominator * spread.whole_share
            when spread.eligible_total <= spread.amount_off then spread.denominator
            else spread.denominator * {{ whole_quotient('spread.eligible_total', 'gcd(spread.eligible_total, spread.amount_off)') }}
        end as denominator,
        spread.step
    from (
        select
            matched.*,
            cast(
                sum(case when matched.is_eligible then matched.numerator else 0 end) over (
                    partition by matched.subscription_id, matched.from_at, matched.months_dividend, matched.months_divisor
                ) as {{ big_integer() }}
            ) as eligible_total
        from (
            select
                folded.subscription_id,
                folded.from_at,
                folded.subscription_item_id,
                folded.numerator,
                folded.denominator,
                steps.step,
                steps.kept_share,
                steps.whole_share,
                items.months_dividend,
                items.months_divisor,
                -- an amount is taken off every invoice, and an invoice bills the items of one billing period
                steps.amount_off_minor
                * {{ whole_quotient('folded.denominator', 'items.months_dividend') }} * items.months_divisor as amount_off,
                (steps.subscription_item_id is null or steps.subscription_item_id = folded.subscription_item_id)
                and (steps.product_ids is null or strpos(steps.product_ids, '"' || items.product_id || '"') > 0)
                and not items.is_metered as is_eligible
            from folded
            inner join items
                on
                    folded.subscription_id = items.subscription_id
                    and folded.from_at = items.from_at and folded.subscription_item_id = items.subscription_item_id
            inner join steps
                on folded.subscription_id = steps.subscription_id and folded.from_at = steps.from_at and folded.step + 1 = steps.step
        ) as matched
    ) as spread
),

ranked as (
    select
        *,
        row_number() over (partition by subscription_id, from_at, subscription_item_id order by step desc) as choice
    from folded
)

select
    subscription_id,
    from_at,
    subscription_item_id,
    {{ whole_quotient('numerator', 'nullif(gcd(numerator, denominator), 0)') }} as numerator,
    {{ whole_quotient('denominator', 'nullif(gcd(numerator, denominator), 0)') }} as denominator
from ranked
where choice = 1
{%- endmacro %}
