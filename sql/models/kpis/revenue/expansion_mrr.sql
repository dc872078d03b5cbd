{{ kpi_amount('expansion_mrr', 'opening_customers') }}
union all
{{ kpi_parts(ref('int_expansion_drivers'), 'movement_date', 'driver', 'driver', amount='facts.amount') }}
