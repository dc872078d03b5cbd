{{ kpi_share(
    ref('int_counted_opportunities'), 'close_date', 'coalesce(annual_reporting_amount, 0)',
    dimensions={'segment': 'segment'}, where="status = 'won'"
) }}
