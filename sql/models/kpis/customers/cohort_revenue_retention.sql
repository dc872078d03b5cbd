with cohorts as (
    select *, 'month' as grain from {{ ref('int_cohorts') }}
),

rates as (
    {{ kpi_rate('cohorts', 'mrr_amount', 'new_mrr_amount', 'cohort_customers') }}
)

select * from rates
