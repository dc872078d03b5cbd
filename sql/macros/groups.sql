{#- one pass over rows for the total and every dimension of a customer -#}

{#- the columns of a relation by the dimension that they are members of -#}
{% macro grouping_columns(columns) -%}
    case
        {%- for dimension, column in columns.items() %}
        when grouping({{ column }}) = 0 then '{{ dimension }}'
        {%- endfor %}
        else 'all'
    end as dimension,
    case
        {%- for dimension, column in columns.items() %}
        when grouping({{ column }}) = 0 then coalesce({{ column }}, 'unknown')
        {%- endfor %}
        else 'all'
    end as member
{%- endmacro %}

{#- what stands in group by beside the columns that every row keeps -#}
{% macro grouping_sets(columns) -%}
    grouping sets ((), {% for column in columns.values() %}({{ column }}){% if not loop.last %}, {% endif %}{% endfor %})
{%- endmacro %}

{#- the dimensions that a customer has as a whole, from int_mrr_customers under a name -#}
{% macro customer_dimensions(alias='customers') -%}
    {{ return({
        'segment': alias ~ '.segment', 'region': alias ~ '.region', 'channel': alias ~ '.channel',
        'rep': alias ~ '.rep', 'cohort': alias ~ '.cohort',
    }) }}
{%- endmacro %}
