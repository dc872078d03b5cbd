{{ kpi_share(
    ref('int_support_requests'), 'rated_date', 'case when is_rated_good then 1 else 0 end',
    dimensions={'system': 'system', 'agent': 'agent_name', 'category': 'category', 'channel': 'channel'}, where='is_rated_good is not null'
) }}
