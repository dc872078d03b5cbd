{%- set grains = ['month', 'quarter', 'year'] -%}
{{ kpi_sum(ref('int_invoiced_lines'), 'invoiced_date', 'reporting_amount', 'customer_id', where="kind = 'service'", grains=grains) }}
union all
{{ kpi_parts(
    ref('int_invoiced_lines'), 'invoiced_date', 'service', 'product', amount='facts.reporting_amount', where="facts.kind = 'service'",
    grains=grains
) }}
