{{ kpi_amount('churn_customers', 'churn_customers') }}
union all
{{ kpi_parts(ref('int_churn_reasons'), 'movement_date', 'reason', 'reason') }}
