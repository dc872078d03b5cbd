{{ kpi_share(
    ref('int_support_requests'), 'resolved_date', 'case when reply_count = 1 and reopen_count = 0 then 1 else 0 end',
    dimensions={'system': 'system'}, where='resolved_date is not null'
) }}
