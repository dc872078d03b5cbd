-- what customers paying at the start of a window are worth at its end, both valued at the rates of the start
with spans as (
    select 'period' as window_kind, grain, period_start, period_start - 1 as start_day, last_day as end_day
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter', 'year')
    union all
    select 'trailing_12_months', grain, period_start, cast(last_day - interval '12 months' as date), last_day
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter')
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

values_at as (
    select
        spans.window_kind,
        spans.grain,
        spans.period_start,
        balances.customer_id,
        {{ converted('balances.mrr', 'rates.rate') }} as start_amount,
        0 as end_amount
    from spans
    inner join balances on balances.from_day <= spans.start_day and spans.start_day < balances.until_day
    inner join rates on balances.currency = rates.currency and spans.start_day = rates.rate_date
    union all
    select
        spans.window_kind,
        spans.grain,
        spans.period_start,
        balances.customer_id,
        0,
        {{ converted('balances.mrr', 'rates.rate') }}
    from spans
    inner join balances on balances.from_day <= spans.end_day and spans.end_day < balances.until_day
    inner join rates on balances.currency = rates.currency and spans.start_day = rates.rate_date
),

customers as (
    select
        window_kind,
        grain,
        period_start,
        customer_id,
        sum(start_amount) as start_amount,
        sum(end_amount) as end_amount
    from values_at
    group by window_kind, grain, period_start, customer_id
)

select
    window_kind,
    grain,
    period_start,
    cast(sum(start_amount) as numeric(18, 6)) as start_mrr,
    cast(sum(end_amount) as numeric(18, 6)) as end_mrr,
    cast(sum(least(start_amount, end_amount)) as numeric(18, 6)) as kept_mrr,
    count(*) as start_customers,
    sum(case when end_amount > 0 then 1 else 0 end) as kept_customers
from customers
where start_amount > 0
group by window_kind, grain, period_start
