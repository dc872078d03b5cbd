{{ kpi_hours(
    ref('int_support_requests'), 'resolved_date', 'full_resolution_calendar_seconds',
    {'system': 'system', 'priority': 'priority', 'complexity': 'complexity'}
) }}
