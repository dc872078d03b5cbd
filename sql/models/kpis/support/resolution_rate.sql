{{ kpi_share(
    ref('int_support_requests'), 'created_date', 'case when resolved_date is not null then 1 else 0 end', dimensions={'system': 'system'}
) }}
