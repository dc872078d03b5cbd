{{ kpi_retention('end_mrr', 'start_mrr', window_kind='trailing_12_months') }}
