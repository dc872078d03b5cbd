{{ kpi_sum(ref('payments'), 'created_date', '1', 'customer_id', where='is_failed') }}
