{{ kpi_count(
    ref('int_counted_leads'), 'lead_date', {'event': 'campaign_name'},
    where="campaign_channel in ('" ~ var('event_channels') | join("', '") ~ "')"
) }}
