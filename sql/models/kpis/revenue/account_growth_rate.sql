{{ kpi_retention(
    'stayers_end_mrr - stayers_start_mrr', 'stayers_start_mrr', window_kind='trailing_12_months',
    grains=['quarter', 'year'], dimensions=['all', 'plan', 'segment', 'region']
) }}
