{{ kpi_stock(
    ref('int_pipeline_days'), 'amount', 'opportunities', known_until(ref('int_counted_opportunities')),
    {'stage': 'stage_name', 'rep': 'owner_name', 'segment': 'segment', 'region': 'region', 'type': 'type'}
) }}
