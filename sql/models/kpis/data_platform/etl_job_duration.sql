{{ kpi_measured(
    ref('int_builds'), 'build_date', exact_ratio('node_seconds', '3600'), '1', {'pipeline': "'transform'"}, 'is_whole'
) }}
