{{ kpi_amount('new_mrr', 'new_customers') }}
