{{ kpi_stock(
    ref('int_pipeline_days'), 'weighted_amount', 'opportunities', known_until(ref('int_counted_opportunities')),
    {'stage': 'stage_name', 'close_month': 'left(cast(close_month as text), 7)', 'rep': 'owner_name'}
) }}
