{{ kpi_amount('contraction_mrr', 'opening_customers') }}
