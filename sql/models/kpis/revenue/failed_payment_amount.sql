{{ kpi_sum(ref('payments'), 'created_date', 'reporting_amount', 'customer_id', where='is_failed') }}
