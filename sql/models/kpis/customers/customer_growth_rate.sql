{{ kpi_rate(
    ref('int_mrr_periods'), 'closing_customers - opening_customers', 'opening_customers', 'opening_customers',
    where="grain in ('week', 'month', 'quarter', 'year')"
) }}
