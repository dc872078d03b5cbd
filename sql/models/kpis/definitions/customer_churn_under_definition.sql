with totals as (
    select
        period_start,
        definition,
        sum(case when measure = 'lost_customers' then amount else 0 end) as lost_customers,
        sum(case when measure = 'start_customers' then amount else 0 end) as start_customers
    from {{ ref('mrr_definition_bridge') }}
    group by period_start, definition
),

members as (
    select 'month' as grain, 'all' as dimension, 'all' as member, totals.* from totals where definition = 'house'
    union all
    select 'month', 'definition', definition, totals.* from totals
),

rates as (
    {{ kpi_rate('members', 'lost_customers', 'start_customers', 'start_customers') }}
)

select * from rates
