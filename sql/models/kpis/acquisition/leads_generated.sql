{{ kpi_count(
    ref('int_counted_leads'), 'lead_date', {
        'channel': 'channel', 'campaign': 'campaign_name', 'region': 'region', 'segment': 'segment'
    }
) }}
