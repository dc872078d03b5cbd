{%- set usage = "facts.kind = 'usage'" -%}
{%- set grains = ['month', 'quarter', 'year'] -%}
{{ kpi_sum(ref('int_invoiced_lines'), 'invoiced_date', 'reporting_amount', 'customer_id', where="kind = 'usage'", grains=grains) }}
union all
{{ kpi_parts(ref('int_invoiced_lines'), 'invoiced_date', 'meter', 'meter', amount='facts.reporting_amount', where=usage, grains=grains) }}
union all
{{ kpi_parts(ref('int_invoiced_lines'), 'invoiced_date', 'plan', 'plan', amount='facts.reporting_amount', where=usage, grains=grains) }}
