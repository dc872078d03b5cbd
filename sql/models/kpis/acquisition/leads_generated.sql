{{ kpi_count(ref('int_counted_leads'), 'lead_date', {'channel': 'source', 'region': 'country'}) }}
