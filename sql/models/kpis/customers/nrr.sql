{{ kpi_retention('end_mrr', 'start_mrr') }}
