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

{#- the last day of a calendar period, whether it is over or not -#}
{% macro last_day_of_period(grain, period_start) -%}
    cast(
        {{ period_start }} + case {{ grain }}
            when 'week' then interval '7 days'
            when 'month' then interval '1 month'
            when 'quarter' then interval '3 months'
            when 'year' then interval '1 year'
            else interval '1 day'
        end - interval '1 day' as date
    )
{%- endmacro %}

{#- join to each day from first to last, both included, as alias(day); none if the last is before the first -#}
{% macro each_day(first_day, last_day, alias) -%}
    {% if target.type == 'postgres' -%}
        cross join lateral (
            select cast(day as date) as day
            from generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as days (day)
        ) as {{ alias }}
    {%- else -%}
        cross join lateral (
            select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1 day')) as date) as day
        ) as {{ alias }}
    {%- endif %}
{%- endmacro %}

{#- the second of an instant, since 1970 -#}
{% macro epoch_second(instant) -%}
    cast(floor(extract(epoch from {{ instant }})) as bigint)
{%- endmacro %}
