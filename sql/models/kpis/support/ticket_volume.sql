{{ kpi_count(
    ref('int_support_requests'), 'created_date', {'system': 'system', 'priority': 'priority', 'channel': 'channel'}
) }}
