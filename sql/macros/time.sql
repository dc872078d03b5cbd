{#- instants and days; a day is the company's local day, daylight saving included -#}

{% macro epoch(document, path) -%}
    to_timestamp(cast({{ json_text(document, path) }} as bigint))
{%- endmacro %}

{% macro epoch_milliseconds(document, path) -%}
    to_timestamp(cast({{ json_text(document, path) }} as bigint) / 1000.0)
{%- endmacro %}

{% macro local_day(instant) -%}
    cast(({{ instant }}) at time zone '{{ var("timezone") }}' as date)
{%- endmacro %}

{#- every day from first to last, both included, as a column named day -#}
{% macro date_spine(first_day, last_day) -%}
    {% if target.type == 'postgres' -%}
        select cast(day as date) as day
        from generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as days (day)
    {%- else -%}
        select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1 day')) as date) as day
    {%- endif %}
{%- endmacro %}
