with windows as (
    select *, 'all' as dimension, 'all' as member from {{ ref('int_retention_windows') }} where window_kind = 'period'
),

rates as (
    {{ kpi_rate('windows', 'start_customers - kept_customers', 'start_customers', 'start_customers') }}
)

select * from rates
