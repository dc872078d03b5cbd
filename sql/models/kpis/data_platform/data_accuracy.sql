{{ kpi_measured(
    ref('int_audit_measurements'), 'found_date', 'same_objects', 'all_objects',
    {'source': 'source', 'table': "source || '.' || stream"}
) }}
