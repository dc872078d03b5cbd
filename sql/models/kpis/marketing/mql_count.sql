{{ kpi_count(
    ref('int_qualified_leads'), 'marketing_qualified_date', {'channel': 'channel', 'campaign': 'campaign_name', 'segment': 'segment'}
) }}
