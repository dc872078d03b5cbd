{{ kpi_count(
    ref('int_counted_opportunities'), 'close_date', {'rep': 'owner_name', 'segment': 'segment', 'type': 'type'}, "status = 'won'"
) }}
