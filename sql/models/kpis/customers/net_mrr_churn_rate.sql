{{ kpi_rate(
    ref('int_mrr_periods'), 'contraction_mrr + churn_mrr - expansion_mrr - reactivation_mrr', 'opening_mrr', 'opening_customers',
    where="grain in ('week', 'month', 'quarter', 'year')"
) }}
