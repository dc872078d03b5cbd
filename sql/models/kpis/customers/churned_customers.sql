{{ kpi_amount('churn_customers', 'churn_customers') }}
