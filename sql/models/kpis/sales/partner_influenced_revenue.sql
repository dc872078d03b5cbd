{{ kpi_count(
    ref('int_counted_opportunities'), 'close_date', {'partner': 'partner'},
    "status = 'won' and partner is not null", 'coalesce(reporting_amount, 0)'
) }}
