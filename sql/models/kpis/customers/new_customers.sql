{{ kpi_amount(
    'new_customers', 'new_customers',
    dimensions=['all', 'plan', 'currency', 'segment', 'region', 'channel', 'rep']
) }}
