{{ kpi_share(
    ref('int_lead_outcomes'), 'lead_date', 'case when is_won then 1 else 0 end',
    dimensions={'channel': 'channel', 'segment': 'segment'},
    witnesses="(select 'stripe' as system union select system from " ~ ref('int_lead_outcomes') ~ ") as witnesses"
) }}
