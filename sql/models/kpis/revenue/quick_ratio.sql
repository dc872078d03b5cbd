{{ kpi_waterfall_rate(
    'new_mrr + reactivation_mrr + expansion_mrr', 'contraction_mrr + churn_mrr', 'opening_customers',
    grains=['month', 'quarter', 'year']
) }}
