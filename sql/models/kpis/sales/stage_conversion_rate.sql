{{ kpi_share(
    ref('int_stage_visits'), 'entered_date', 'case when has_progressed then 1 else 0 end',
    dimensions={'stage': 'stage_name', 'rep': 'owner_name', 'segment': 'segment'}, where='is_first_visit'
) }}
