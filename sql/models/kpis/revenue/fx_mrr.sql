{{ kpi_amount('fx_mrr', 'opening_customers') }}
