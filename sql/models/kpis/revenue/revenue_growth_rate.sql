{{ kpi_waterfall_rate('net_mrr', 'opening_mrr', 'opening_customers', grains=['quarter', 'year']) }}
