{{ kpi_waterfall_rate(
    'closing_mrr', 'closing_customers', 'closing_customers', grains=['day', 'week', 'month', 'quarter', 'year']
) }}
