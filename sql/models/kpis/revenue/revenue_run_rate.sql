{{ kpi_amount('12 * closing_mrr', 'closing_customers', grains=['day'], dimensions=['all']) }}
