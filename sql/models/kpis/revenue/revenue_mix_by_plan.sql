{{ kpi_mix('plan') }}
