{{ kpi_hours(
    ref('int_support_requests'), 'created_date', 'first_reply_business_seconds',
    {'system': 'system', 'priority': 'priority', 'channel': 'channel', 'plan': 'plan_name'}
) }}
