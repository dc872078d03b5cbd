{{ kpi_measured(ref('int_builds'), 'build_date', 'went_well', '1', {'pipeline': "'transform'"}) }}
