-- when discounts that do not last forever lower a subscription under each way of counting them
with applications as (
    select * from {{ ref('int_stripe__discount_applications') }}
),

coupons as (
    select * from {{ ref('int_stripe__coupons') }}
),

policies as (
    {{ discount_policy_rows() }}
),

temporary as (
    select distinct applications.subscription_id
    from applications
    inner join coupons on applications.coupon_id = coupons.coupon_id
    where coupons.duration <> 'forever'
),

-- an invoice bills its longest period at once
cycles as (
    select
        subscription_id,
        period_months,
        period_days,
        row_number() over (
            partition by subscription_id order by period_months is null, period_months desc, period_days desc
        ) as choice
    from {{ ref('int_service_cycles') }}
),

timed as (
    select
        applications.*,
        coupons.duration,
        case
            when cycles.subscription_id is null or (coupons.duration = 'repeating' and applications.until_at is null)
                then applications.until_at
            when coupons.duration = 'once'
                then {{ service_end(
                    'applications.from_at', "(applications.from_at + interval '1 second')", 'cycles.period_months', 'cycles.period_days'
                ) }}
            else {{ service_end('applications.from_at', 'applications.until_at', 'cycles.period_months', 'cycles.period_days') }}
        end as invoiced_until_at
    from applications
    inner join temporary on applications.subscription_id = temporary.subscription_id
    inner join coupons on applications.coupon_id = coupons.coupon_id
    left join cycles on applications.subscription_id = cycles.subscription_id and cycles.choice = 1
)

select
    policies.policy,
    timed.subscription_id,
    timed.subscription_item_id,
    timed.level,
    timed.discount_id,
    timed.coupon_id,
    timed.position,
    timed.from_at,
    case
        when timed.duration = 'repeating' and policies.repeating = 'by_invoice' then timed.invoiced_until_at
        when timed.duration = 'once' and policies.once = 'by_invoice' then timed.invoiced_until_at
        else timed.until_at
    end as until_at,
    timed.duration = 'forever'
    or (timed.duration = 'repeating' and policies.repeating <> 'ignored')
    or (timed.duration = 'once' and policies.once <> 'ignored') as is_counted,
    timed.duration <> 'forever' as is_temporary
from timed
cross join policies
