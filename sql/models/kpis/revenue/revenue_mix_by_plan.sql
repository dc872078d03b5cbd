with plans as (
    select * from {{ ref('int_mrr_periods') }} where dimension = 'plan' and grain <> 'day'
),

totals as (
    select * from {{ ref('int_mrr_periods') }} where dimension = 'all'
),

shares as (
    select
        plans.period_start,
        plans.grain,
        plans.dimension,
        plans.member,
        plans.closing_mrr,
        totals.closing_mrr as total_mrr,
        plans.closing_customers
    from plans
    inner join totals on plans.grain = totals.grain and plans.period_start = totals.period_start
),

rates as (
    {{ kpi_rate('shares', 'closing_mrr', 'total_mrr', 'closing_customers') }}
)

select * from rates
