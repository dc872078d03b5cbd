{{ kpi_share(
    ref('int_qualified_leads'), 'marketing_qualified_date', 'score', dimensions={'channel': 'channel', 'segment': 'segment'},
    where='score is not null'
) }}
