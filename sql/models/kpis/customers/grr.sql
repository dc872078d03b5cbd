with windows as (
    select *, 'all' as dimension, 'all' as member from {{ ref('int_retention_windows') }} where window_kind = 'period'
),

rates as (
    {{ kpi_rate('windows', 'kept_mrr', 'start_mrr', 'start_customers') }}
)

select * from rates
