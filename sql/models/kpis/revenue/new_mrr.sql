{{ kpi_amount('new_mrr', 'new_customers', dimensions=['all', 'plan', 'currency', 'segment', 'region', 'channel']) }}
