{{ kpi_amount('new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churn_mrr', 'opening_customers') }}
