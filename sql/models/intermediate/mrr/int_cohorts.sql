{% set dimensions = {'cohort_month': 'cohort', 'months_since_start': 'months_since_start', 'plan': 'plan', 'segment': 'segment'} %}

-- customers by the month of their first MRR: how many pay and what they are worth at the end of every month since
with firsts as (
    select customers.*, plans.plan_name as plan
    from {{ ref('int_mrr_customers') }} as customers
    left join {{ ref('int_main_plans') }} as paying
        on
            customers.customer_id = paying.customer_id
            and paying.from_day <= customers.first_date and customers.first_date < paying.until_day
    left join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
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
        firsts.cohort,
        firsts.plan,
        firsts.segment,
        cast(
            12 * (extract(year from months.period_start) - extract(year from firsts.first_date))
            + extract(month from months.period_start) - extract(month from firsts.first_date) as integer
        ) as age,
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
    group by
        firsts.customer_id, firsts.first_date, firsts.cohort, firsts.plan, firsts.segment, months.period_start, firsts.new_mrr_amount
),

aged as (
    select *, cast(age as text) as months_since_start from customers
)

select
    period_start,
    {{ grouping_columns(dimensions) }},
    count(*) as cohort_customers,
    sum(case when mrr_amount > 0 then 1 else 0 end) as paying_customers,
    cast(sum(new_mrr_amount) as numeric(18, 6)) as new_mrr_amount,
    cast(sum(mrr_amount) as numeric(18, 6)) as mrr_amount
from aged
group by period_start, {{ grouping_sets(dimensions) }}
