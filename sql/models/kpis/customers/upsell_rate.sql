{{ kpi_retention('upgraded_customers', 'start_customers', dimensions=['all', 'plan', 'segment', 'region']) }}
