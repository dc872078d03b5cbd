-- customers by the month of their first MRR: how many pay and what they are worth at the end of every month since
with firsts as (
    select customer_id, movement_date as first_date, amount as new_mrr_amount
    from {{ ref('mrr_movements') }}
    where movement = 'new'
),

balances as (
    select customer_id, currency, from_day, until_day, sum(mrr) as mrr
    from {{ ref('int_mrr_balances') }}
    where mrr <> 0
    group by customer_id, currency, from_day, until_day
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

months as (
    select * from {{ ref('int_periods') }} where grain = 'month'
),

customers as (
    select
        firsts.customer_id,
        cast(date_trunc('month', firsts.first_date) as date) as cohort_month,
        months.period_start,
        firsts.new_mrr_amount,
        coalesce(sum({{ converted('balances.mrr', 'rates.rate') }}), 0) as mrr_amount
    from firsts
    inner join months on firsts.first_date <= months.last_day
    left join balances
        on
            firsts.customer_id = balances.customer_id
            and balances.from_day <= months.last_day and months.last_day < balances.until_day
    left join rates on balances.currency = rates.currency and firsts.first_date = rates.rate_date
    group by firsts.customer_id, firsts.first_date, months.period_start, firsts.new_mrr_amount
)

select
    period_start,
    cohort as member,
    count(*) as cohort_customers,
    sum(case when mrr_amount > 0 then 1 else 0 end) as paying_customers,
    cast(sum(new_mrr_amount) as numeric(18, 6)) as new_mrr_amount,
    cast(sum(mrr_amount) as numeric(18, 6)) as mrr_amount
from (select *, substr(cast(cohort_month as text), 1, 7) as cohort from customers) as cohorts
group by period_start, cohort
