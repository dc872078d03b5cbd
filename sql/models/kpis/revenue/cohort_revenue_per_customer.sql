with cohorts as (
    select *, 'month' as grain
    from {{ ref('int_cohorts') }}
    where dimension in ('all', 'cohort_month', 'months_since_start')
),

rates as (
    {{ kpi_rate('cohorts', 'mrr_amount', 'paying_customers', 'paying_customers') }}
)

select * from rates
