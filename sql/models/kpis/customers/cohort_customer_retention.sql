with cohorts as (
    select *, 'month' as grain from {{ ref('int_cohorts') }}
),

rates as (
    {{ kpi_rate('cohorts', 'paying_customers', 'cohort_customers', 'cohort_customers') }}
)

select * from rates
