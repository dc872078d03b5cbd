{{ kpi_rate(
    ref('int_mrr_periods'), 'closing_mrr', 'closing_customers', 'closing_customers',
    where="grain in ('day', 'week', 'month', 'quarter', 'year')"
) }}
