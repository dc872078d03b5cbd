{{ kpi_count(
    ref('int_counted_opportunities'), 'created_date',
    {'rep': 'owner_name', 'segment': 'segment', 'source': 'source', 'type': 'type'}
) }}
