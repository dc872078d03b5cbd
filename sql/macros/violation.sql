{#- measured and expected of an invariant wherever it applies -#}
{% macro violation(invariant, relation, place, day, measured, expected) -%}
    select
        '{{ invariant }}' as invariant,
        cast({{ place }} as text) as place,
        cast({{ day }} as date) as day,
        cast({{ measured }} as numeric(24, 6)) as measured,
        cast({{ expected }} as numeric(24, 6)) as expected
    from {{ relation }}
{%- endmacro %}
