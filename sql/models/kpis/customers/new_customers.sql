{{ kpi_amount('new_customers', 'new_customers') }}
