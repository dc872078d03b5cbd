{{ kpi_amount('reactivation_mrr', 'reactivation_customers') }}
