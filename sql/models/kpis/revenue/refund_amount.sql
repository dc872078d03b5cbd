{{ kpi_sum(ref('refunds'), 'created_date', 'reporting_amount', 'customer_id', where='is_effective') }}
