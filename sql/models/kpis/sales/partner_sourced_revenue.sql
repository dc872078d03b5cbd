{{ kpi_count(
    ref('int_counted_opportunities'), 'close_date', {'partner': 'partner'},
    "status = 'won' and partner_role = 'sourced'", 'coalesce(reporting_amount, 0)'
) }}
