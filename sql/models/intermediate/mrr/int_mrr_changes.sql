-- by how much the amounts of a customer, currency and plan change on a local day; a day counts as it ends
with periods as (
    select * from {{ ref('subscription_item_periods') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

days as (
    select
        periods.customer_id,
        periods.currency,
        periods.product_id as plan_id,
        {{ local_day('periods.from_at') }} as from_day,
        case
            when periods.until_at <= clock.as_of_at then {{ local_day('periods.until_at') }} else clock.last_day + 1
        end as until_day,
        clock.last_day,
        case when periods.is_counted then periods.monthly_amount else 0 end as mrr,
        case when periods.is_counted and periods.is_cancellation_scheduled then periods.monthly_amount else 0 end as scheduled_churn,
        case when periods.status = 'trialing' then periods.monthly_amount else 0 end as trial,
        case when periods.is_counted and periods.is_collection_paused then periods.monthly_amount else 0 end as paused,
        case when periods.is_counted and periods.status = 'past_due' then periods.monthly_amount else 0 end as past_due
    from periods
    cross join clock
    where periods.from_at <= clock.as_of_at and not periods.is_metered
),

edges as (
    select customer_id, currency, plan_id, from_day as day, mrr, scheduled_churn, trial, paused, past_due
    from days
    where from_day < until_day
    union all
    select customer_id, currency, plan_id, until_day, -mrr, -scheduled_churn, -trial, -paused, -past_due
    from days
    where from_day < until_day and until_day <= last_day
),

changes as (
    select
        customer_id,
        currency,
        plan_id,
        day,
        sum(mrr) as mrr,
        sum(scheduled_churn) as scheduled_churn,
        sum(trial) as trial,
        sum(paused) as paused,
        sum(past_due) as past_due
    from edges
    group by customer_id, currency, plan_id, day
)

select * from changes
where mrr <> 0 or scheduled_churn <> 0 or trial <> 0 or paused <> 0 or past_due <> 0
