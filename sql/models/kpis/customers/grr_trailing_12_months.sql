{{ kpi_retention('kept_mrr', 'start_mrr', window_kind='trailing_12_months') }}
