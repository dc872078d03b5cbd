{{ kpi_share(
    ref('int_counted_opportunities'), 'close_date', "case when status = 'won' then 1 else 0 end",
    dimensions={'rep': 'owner_name', 'type': 'type', 'segment': 'segment', 'competitor': 'competitor'}, where="status <> 'open'"
) }}
