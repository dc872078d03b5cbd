{{ kpi_count(
    ref('int_counted_activities'), 'done_date', {'rep': 'owner_name', 'type': 'type'}, "type in ('call', 'email', 'meeting')"
) }}
