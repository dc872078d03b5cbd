{{ kpi_mix('region') }}
