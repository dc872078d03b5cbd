{{ kpi_count(
    ref('int_support_requests'), 'created_date', {
        'system': 'system', 'category': 'category', 'priority': 'priority', 'channel': 'channel', 'plan': 'plan_name', 'segment': 'segment'
    }
) }}
