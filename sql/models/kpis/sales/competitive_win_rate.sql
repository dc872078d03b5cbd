{{ kpi_share(
    ref('int_counted_opportunities'), 'close_date', "case when status = 'won' then 1 else 0 end",
    dimensions={'competitor': 'competitor'}, where="status <> 'open' and competitor is not null"
) }}
