{{ kpi_share(
    ref('int_support_requests'), 'created_date', 'case when is_escalated then 1 else 0 end', dimensions={'system': 'system'}
) }}
