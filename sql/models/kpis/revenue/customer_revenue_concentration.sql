with periods as (
    select * from {{ ref('int_periods') }} where grain in ('month', 'quarter', 'year')
),

balances as (
    select
        periods.grain,
        periods.period_start,
        daily.customer_id,
        sum(daily.mrr_amount) as mrr_amount
    from periods
    inner join {{ ref('mrr_daily') }} as daily on periods.last_day = daily.mrr_date
    group by periods.grain, periods.period_start, daily.customer_id
),

ranked as (
    select
        *,
        sum(mrr_amount) over (partition by grain, period_start) as total_mrr,
        count(*) over (partition by grain, period_start) as customers,
        row_number() over (partition by grain, period_start order by mrr_amount desc, customer_id) as position
    from balances
    where mrr_amount > 0
),

members as (
    select grain, period_start, 'all' as dimension, 'all' as member, mrr_amount, total_mrr, customers
    from ranked
    where position = 1
    union all
    select grain, period_start, 'customer', customer_id, mrr_amount, total_mrr, customers
    from ranked
    where position <= 10
),

rates as (
    {{ kpi_rate('members', 'mrr_amount', 'total_mrr', 'customers') }}
)

select * from rates
