{{ kpi_measured(
    ref('int_rule_measurements'), 'found_date', 'kept_rows', 'all_rows', {'table': 'relation'}, "dimension = 'completeness'"
) }}
