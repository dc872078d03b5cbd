{%- set grains = ['day', 'week', 'month', 'quarter', 'year'] -%}
{{ kpi_sum(ref('int_trials'), 'trial_started_date', '1', 'customer_id', grains=grains) }}
union all
{{ kpi_parts(ref('int_trials'), 'trial_started_date', 'plan', 'plan_name', grains=grains) }}
union all
{{ kpi_parts(ref('int_trials'), 'trial_started_date', 'channel', 'channel', grains=grains) }}
