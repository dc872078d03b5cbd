-- the median does not follow the few that were forgotten over a holiday
{{ kpi_hours(
    ref('int_support_requests'), 'created_date', 'first_reply_calendar_seconds',
    {'system': 'system', 'priority': 'priority', 'channel': 'channel', 'plan': 'plan_name'}
) }}
