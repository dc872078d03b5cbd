{{ kpi_waterfall_rate(
    'net_mrr', 'opening_mrr', 'opening_customers',
    dimensions=['all', 'plan', 'currency', 'segment', 'region', 'cohort']
) }}
