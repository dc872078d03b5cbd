{{ kpi_amount('closing_customers', 'closing_customers') }}
