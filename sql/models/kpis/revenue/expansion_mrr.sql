{{ kpi_amount('expansion_mrr', 'opening_customers') }}
