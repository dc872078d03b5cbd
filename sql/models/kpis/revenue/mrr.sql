{{ kpi_amount(
    'closing_mrr', 'closing_customers',
    dimensions=['all', 'plan', 'currency', 'segment', 'region', 'channel', 'cohort']
) }}
