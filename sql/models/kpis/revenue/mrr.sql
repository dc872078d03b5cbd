{{ kpi_amount('closing_mrr', 'closing_customers') }}
