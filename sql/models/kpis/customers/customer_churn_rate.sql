with days as (
    {{ kpi_rate(ref('int_churn_days'), 'lost_customers', 'start_customers', 'start_customers') }}
),

periods as (
    {{ kpi_retention('start_customers - kept_customers', 'start_customers') }}
)

select * from days
union all
select * from periods
