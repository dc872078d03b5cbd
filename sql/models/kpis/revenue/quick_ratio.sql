{{ kpi_rate(
    ref('int_mrr_periods'), 'new_mrr + reactivation_mrr + expansion_mrr', 'contraction_mrr + churn_mrr', 'opening_customers',
    where="grain in ('month', 'quarter', 'year')"
) }}
