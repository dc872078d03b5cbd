{{ kpi_sum(ref('payments'), 'created_date', '1', 'customer_id', where='is_failed') }}
union all
{{ kpi_parts(ref('payments'), 'created_date', 'customer', 'customer_id', where='facts.is_failed', grains=['day', 'month']) }}
