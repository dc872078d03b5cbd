-- items of subscriptions as a month ends, with those whose subscription has ended but was paid further ahead
with periods as (
    select * from {{ ref('subscription_item_periods') }}
),

months as (
    select period_start, last_day from {{ ref('int_periods') }} where grain = 'month'
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

cycles as (
    select * from {{ ref('int_service_cycles') }}
),

bounds as (
    select * from {{ ref('int_stripe__subscription_bounds') }}
),

deleted_customers as (
    select * from {{ ref('int_stripe__deleted_customers') }}
),

refunds as (
    select * from {{ ref('refunds') }} where is_effective
),

-- dunning, a deleted customer and a year that was given back leave nothing that is paid
ended as (
    select
        periods.*,
        bounds.ended_at,
        {{ service_end('cycles.anchor_at', 'bounds.ended_at', 'cycles.period_months', 'cycles.period_days') }} as paid_until_at
    from periods
    inner join bounds on periods.subscription_id = bounds.subscription_id and periods.until_at = bounds.ended_at
    inner join cycles on periods.subscription_id = cycles.subscription_id and periods.price_id = cycles.price_id
    left join deleted_customers on periods.customer_id = deleted_customers.customer_id
    where
        periods.is_counted and periods.status = 'active' and deleted_customers.customer_id is null
        and not (
            coalesce(cycles.period_months, 0) >= 12
            and exists (
                select 1 from refunds
                where
                    periods.customer_id = refunds.customer_id
                    and refunds.created_date between {{ local_day('bounds.ended_at') }} - 1 and {{ local_day('bounds.ended_at') }} + 7
            )
        )
),

-- days are made once for each period, not for each month that it spans
dated as (
    select
        periods.*,
        false as is_paid_ahead,
        {{ local_day('periods.from_at') }} as from_day,
        case when periods.until_at <= clock.as_of_at then {{ local_day('periods.until_at') }} else clock.last_day + 1 end as until_day
    from periods
    cross join clock
    where periods.from_at <= clock.as_of_at
    union all
    select
        periods.*,
        true,
        {{ local_day('ended.ended_at') }},
        case when ended.paid_until_at <= clock.as_of_at then {{ local_day('ended.paid_until_at') }} else clock.last_day + 1 end
    from ended
    cross join clock
    inner join periods on ended.subscription_item_period_id = periods.subscription_item_period_id
    where ended.ended_at <= clock.as_of_at
),

lines as (
    select
        months.period_start,
        months.last_day,
        dated.*
    from dated
    inner join months on dated.from_day <= months.last_day and months.last_day < dated.until_day
)

select
    lines.period_start,
    lines.last_day,
    lines.subscription_id,
    lines.subscription_item_id,
    lines.customer_id,
    lines.currency,
    lines.status,
    lines.is_counted and not lines.is_paid_ahead as is_counted,
    lines.is_paid_ahead,
    lines.is_collection_paused,
    lines.list_amount,
    lines.monthly_amount,
    {{ service_start(local_day('cycles.anchor_at'), 'lines.last_day', 'cycles.period_months', 'cycles.period_days') }} as service_date
from lines
left join cycles on lines.subscription_id = cycles.subscription_id and lines.price_id = cycles.price_id
