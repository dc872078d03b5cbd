{{ kpi_retention('kept_mrr', 'start_mrr') }}
