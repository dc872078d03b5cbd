-- MRR of a customer in a currency at the end of a local day; the running day at the instant of the data
with balances as (
    select
        customer_id,
        currency,
        from_day,
        until_day,
        cast(sum(mrr) as numeric(18, 6)) as mrr,
        cast(sum(scheduled_churn) as numeric(18, 6)) as scheduled_churn,
        cast(sum(trial) as numeric(18, 6)) as trial,
        cast(sum(paused) as numeric(18, 6)) as paused,
        cast(sum(past_due) as numeric(18, 6)) as past_due
    from {{ ref('int_mrr_balances') }}
    group by customer_id, currency, from_day, until_day
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

days as (
    select * from {{ ref('int_days') }}
),

daily as (
    select
        balances.customer_id,
        balances.currency,
        days.day as mrr_date,
        balances.mrr as native_mrr_amount,
        {{ converted('balances.mrr', 'rates.rate') }} as mrr_amount,
        balances.scheduled_churn as native_scheduled_churn_amount,
        {{ converted('balances.scheduled_churn', 'rates.rate') }} as scheduled_churn_amount,
        balances.trial as native_trial_amount,
        {{ converted('balances.trial', 'rates.rate') }} as trial_amount,
        balances.paused as native_paused_amount,
        {{ converted('balances.paused', 'rates.rate') }} as paused_amount,
        balances.past_due as native_past_due_amount,
        {{ converted('balances.past_due', 'rates.rate') }} as past_due_amount,
        rates.rate
    from balances
    inner join days on balances.from_day <= days.day and days.day < balances.until_day
    left join rates on balances.currency = rates.currency and days.day = rates.rate_date
    where balances.mrr <> 0 or balances.trial <> 0
)

select * from daily
