{{ kpi_stock(
    ref('int_pipeline_days'), 'amount', 'opportunities', known_until(ref('int_counted_opportunities')),
    {'customer': 'customer_id', 'renewal_month': 'left(cast(close_month as text), 7)', 'stage': 'stage_name'},
    "type = 'renewal'"
) }}
