{{ kpi_waterfall_rate('closing_customers - opening_customers', 'opening_customers', 'opening_customers') }}
