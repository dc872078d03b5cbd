{{ kpi_waterfall_rate('contraction_mrr + churn_mrr', 'opening_mrr', 'opening_customers') }}
