-- native amounts of a customer, currency and plan from a day to the day before until_day; all plans of a currency break together
with changes as (
    select * from {{ ref('int_mrr_changes') }}
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

days as (
    select
        customer_id,
        currency,
        day,
        lead(day) over (partition by customer_id, currency order by day) as next_day
    from (select distinct customer_id, currency, day from changes) as distinct_days
),

plans as (
    select distinct customer_id, currency, plan_id from changes
),

balances as (
    select
        days.customer_id,
        days.currency,
        plans.plan_id,
        days.day as from_day,
        days.next_day,
        cast(sum(coalesce(changes.mrr, 0)) over plan_history as numeric(18, 6)) as mrr,
        cast(sum(coalesce(changes.scheduled_churn, 0)) over plan_history as numeric(18, 6)) as scheduled_churn,
        cast(sum(coalesce(changes.trial, 0)) over plan_history as numeric(18, 6)) as trial,
        cast(sum(coalesce(changes.paused, 0)) over plan_history as numeric(18, 6)) as paused,
        cast(sum(coalesce(changes.past_due, 0)) over plan_history as numeric(18, 6)) as past_due
    from days
    inner join plans on days.customer_id = plans.customer_id and days.currency = plans.currency
    left join changes
        on
            days.customer_id = changes.customer_id and days.currency = changes.currency
            and days.day = changes.day and plans.plan_id = changes.plan_id
    window plan_history as (
        partition by days.customer_id, days.currency, plans.plan_id order by days.day rows unbounded preceding
    )
)

select
    balances.customer_id,
    balances.currency,
    balances.plan_id,
    balances.from_day,
    coalesce(balances.next_day, clock.last_day + 1) as until_day,
    balances.mrr,
    balances.scheduled_churn,
    balances.trial,
    balances.paused,
    balances.past_due,
    -- running total over the plans: rounding its conversion, plan by plan, makes the plans add up to the whole exactly
    cast(sum(balances.mrr) over (
        partition by balances.customer_id, balances.currency, balances.from_day order by balances.plan_id rows unbounded preceding
    ) as numeric(18, 6)) as mrr_through_plan
from balances
cross join clock
