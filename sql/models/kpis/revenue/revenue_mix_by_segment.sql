{{ kpi_mix('segment') }}
