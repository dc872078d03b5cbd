{{ kpi_share(
    ref('int_counted_opportunities'), 'close_date', 'coalesce(reporting_amount, 0)',
    dimensions={'segment': 'segment', 'rep': 'owner_name'}, where="status = 'won'"
) }}
