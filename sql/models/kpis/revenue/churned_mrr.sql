{{ kpi_amount('churn_mrr', 'churn_customers') }}
union all
{{ kpi_parts(ref('int_churn_reasons'), 'movement_date', 'reason', 'reason', amount='facts.amount') }}
