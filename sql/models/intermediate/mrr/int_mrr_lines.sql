-- what moved the MRR of a customer, currency and plan on a day, in reporting currency: the rate first, then the change at the day's rate
with balances as (
    select
        *,
        mrr_through_plan - mrr as mrr_below,
        lag(mrr_through_plan) over plan_history as mrr_through_before,
        lag(mrr_through_plan - mrr) over plan_history as mrr_below_before
    from {{ ref('int_mrr_balances') }}
    window plan_history as (partition by customer_id, currency, plan_id order by from_day)
),

rates as (
    select
        currency,
        rate_date,
        rate,
        lag(rate) over (partition by currency order by rate_date) as previous_rate
    from {{ ref('exchange_rates') }}
),

moved_rates as (
    select * from rates where rate <> previous_rate
),

changes as (
    select
        balances.customer_id,
        balances.from_day as movement_date,
        balances.currency,
        balances.plan_id,
        ({{ converted('balances.mrr_through_plan', 'rates.rate') }} - {{ converted('balances.mrr_below', 'rates.rate') }})
        - (
            {{ converted('coalesce(balances.mrr_through_before, 0)', 'rates.rate') }}
            - {{ converted('coalesce(balances.mrr_below_before, 0)', 'rates.rate') }}
        ) as change_amount,
        0 as fx_amount
    from balances
    left join rates on balances.currency = rates.currency and balances.from_day = rates.rate_date
),

revaluations as (
    select
        balances.customer_id,
        moved_rates.rate_date as movement_date,
        balances.currency,
        balances.plan_id,
        0 as change_amount,
        ({{ converted('balances.mrr_through_plan', 'moved_rates.rate') }} - {{ converted('balances.mrr_below', 'moved_rates.rate') }})
        - (
            {{ converted('balances.mrr_through_plan', 'moved_rates.previous_rate') }}
            - {{ converted('balances.mrr_below', 'moved_rates.previous_rate') }}
        ) as fx_amount
    from balances
    inner join moved_rates
        on
            balances.currency = moved_rates.currency
            and balances.from_day < moved_rates.rate_date and balances.until_day >= moved_rates.rate_date
),

lines as (
    select * from changes
    union all
    select * from revaluations
),

summed as (
    select
        customer_id,
        movement_date,
        currency,
        plan_id,
        cast(sum(change_amount) as numeric(18, 6)) as change_amount,
        cast(sum(fx_amount) as numeric(18, 6)) as fx_amount
    from lines
    group by customer_id, movement_date, currency, plan_id
)

select * from summed
where change_amount <> 0 or fx_amount <> 0
