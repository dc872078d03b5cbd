{{ kpi_running_total(ref('int_subscribers'), 'created_date', '1') }}
