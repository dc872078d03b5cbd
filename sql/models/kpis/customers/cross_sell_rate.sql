{{ kpi_retention('added_customers', 'start_customers', dimensions=['all', 'plan', 'segment', 'region']) }}
