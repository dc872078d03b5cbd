-- monthly price of an item after every discount step: percentages multiply, amounts are spread in proportion, never below zero
with recursive items as (
    select * from {{ ref('int_stripe__item_segments') }}
),

steps as (
    select * from {{ ref('int_stripe__discount_steps') }}
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
