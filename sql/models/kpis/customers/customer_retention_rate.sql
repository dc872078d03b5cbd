{{ kpi_retention('kept_customers', 'start_customers') }}
