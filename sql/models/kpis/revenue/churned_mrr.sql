{{ kpi_amount('churn_mrr', 'churn_customers') }}
