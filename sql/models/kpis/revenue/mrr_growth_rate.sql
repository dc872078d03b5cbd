{{ kpi_rate(
    ref('int_mrr_periods'), 'net_mrr', 'opening_mrr', 'opening_customers',
    where="grain in ('week', 'month', 'quarter', 'year')"
) }}
