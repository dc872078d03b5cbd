with periods as (
    select * from {{ ref('int_periods') }}
),

scheduled as (
    select mrr_date, customer_id, currency, scheduled_churn_amount
    from {{ ref('mrr_daily') }}
    where scheduled_churn_amount <> 0
),

members as (
    select mrr_date, customer_id, scheduled_churn_amount, 'all' as dimension, 'all' as member from scheduled
    union all
    select mrr_date, customer_id, scheduled_churn_amount, 'currency', currency from scheduled
),

totals as (
    select
        periods.period_start,
        periods.grain,
        coalesce(members.dimension, 'all') as dimension,
        coalesce(members.member, 'all') as member,
        coalesce(sum(members.scheduled_churn_amount), 0) as amount,
        count(distinct members.customer_id) as customers
    from periods
    left join members on periods.last_day = members.mrr_date
    group by periods.period_start, periods.grain, coalesce(members.dimension, 'all'), coalesce(members.member, 'all')
)

{{ kpi_value('totals', 'amount', 'customers') }}
