{{ kpi_count(
    ref('int_counted_opportunities'), 'close_date',
    {'segment': 'segment', 'plan': 'plan', 'region': 'region', 'rep': 'owner_name', 'type': 'type'},
    "status = 'won'", 'coalesce(reporting_amount, 0)'
) }}
