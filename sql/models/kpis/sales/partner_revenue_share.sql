{{ kpi_part(
    ref('int_counted_opportunities'), 'close_date',
    "case when partner_role = 'sourced' then coalesce(reporting_amount, 0) else 0 end", 'coalesce(reporting_amount, 0)',
    {'partner': 'partner'}, "status = 'won'"
) }}
