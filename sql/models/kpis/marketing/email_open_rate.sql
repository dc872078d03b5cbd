{{ kpi_share(
    ref('mailings'), 'sent_date', 'opened_count', 'delivered_count', {'campaign': 'campaign_name'}, sample='denominator'
) }}
