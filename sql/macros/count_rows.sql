{#- lets PostgreSQL count a table that was just built; other engines need no telling -#}
{% macro count_rows() -%}
    {% if target.type == 'postgres' %}analyze {{ this }}{% endif %}
{%- endmacro %}
