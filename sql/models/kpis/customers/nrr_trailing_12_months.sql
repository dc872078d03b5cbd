with windows as (
    select *, 'all' as dimension, 'all' as member from {{ ref('int_retention_windows') }} where window_kind = 'trailing_12_months'
),

rates as (
    {{ kpi_rate('windows', 'end_mrr', 'start_mrr', 'start_customers') }}
)

select * from rates
