{{ kpi_count(
    ref('int_counted_opportunities'), 'close_date',
    {'reason': "status || '/' || coalesce(reason, 'unknown')", 'competitor': 'competitor', 'outcome': 'status'}, "status <> 'open'"
) }}
