{{ kpi_share(
    ref('int_counted_opportunities'), 'close_date', 'close_date - created_date',
    dimensions={'rep': 'owner_name', 'type': 'type', 'segment': 'segment', 'deal_size': 'deal_size'}, where="status = 'won'"
) }}
