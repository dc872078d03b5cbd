{{ kpi_retention('start_customers - kept_customers', 'start_customers', window_kind='trailing_12_months') }}
