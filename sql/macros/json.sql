{#- json access in both dialects; a document is jsonb on PostgreSQL and json on DuckDB -#}

{% macro json_document(column) -%}
    {% if target.type == 'postgres' %}cast({{ column }} as jsonb){% else %}{{ column }}{% endif %}
{%- endmacro %}

{#- PostgreSQL would repeat the cast for every column read; the fence makes it happen once a row -#}
{% macro fence() -%}
    {% if target.type == 'postgres' %}materialized{% endif %}
{%- endmacro %}

{#- the value at a dotted path as text; null when absent or json null -#}
{% macro json_text(document, path) -%}
    {% if target.type == 'postgres' -%}
        ({{ document }} #>> '{ {{- path | replace('.', ',') -}} }')
    {%- else -%}
        json_extract_string({{ document }}, '$.{{ path }}')
    {%- endif %}
{%- endmacro %}

{#- the value at a dotted path as a document; an empty path is the document -#}
{% macro json_value(document, path) -%}
    {% if not path -%}
        {{ document }}
    {%- elif target.type == 'postgres' -%}
        ({{ document }} #> '{ {{- path | replace('.', ',') -}} }')
    {%- else -%}
        json_extract({{ document }}, '$.{{ path }}')
    {%- endif %}
{%- endmacro %}

{#- a scalar document as text, such as an id inside a list -#}
{% macro json_scalar(document) -%}
    {% if target.type == 'postgres' %}({{ document }} #>> '{}'){% else %}json_extract_string({{ document }}, '$'){% endif %}
{%- endmacro %}

{#- values of a type, at a dotted path; null when absent, json null or an empty text -#}
{% macro json_instant(document, path) -%}
    cast(nullif({{ json_text(document, path) }}, '') as timestamp with time zone)
{%- endmacro %}

{% macro json_date(document, path) -%}
    cast(left(nullif({{ json_text(document, path) }}, ''), 10) as date)
{%- endmacro %}

{% macro json_boolean(document, path) -%}
    cast(nullif({{ json_text(document, path) }}, '') as boolean)
{%- endmacro %}

{#- a whole number, however many zeros follow its point -#}
{% macro json_whole(document, path) -%}
    cast(cast(nullif({{ json_text(document, path) }}, '') as numeric(24, 6)) as bigint)
{%- endmacro %}

{#- a number whose sender counts in binary floats: six decimals of it are meant -#}
{% macro json_decimal(document, path) -%}
    cast(nullif({{ json_text(document, path) }}, '') as numeric(24, 6))
{%- endmacro %}

{#- the value at a path inside the first element of a list, as text -#}
{% macro json_first_text(document, list, path) -%}
    {% if target.type == 'postgres' -%}
        {{ json_text(document, list ~ '.0.' ~ path) }}
    {%- else -%}
        {{ json_text(document, list ~ '[0].' ~ path) }}
    {%- endif %}
{%- endmacro %}

{#- id of a reference that may be expanded: the id itself or the object's id -#}
{% macro json_reference(document, path) -%}
    coalesce({{ json_text(document, path ~ '.id') }}, {{ json_text(document, path) }})
{%- endmacro %}

{% macro json_is_object(document) -%}
    {% if target.type == 'postgres' -%}
        coalesce(jsonb_typeof({{ document }}) = 'object', false)
    {%- else -%}
        coalesce(json_type({{ document }}) = 'OBJECT', false)
    {%- endif %}
{%- endmacro %}

{#- join to the elements of the list at a path, as alias(value, position), positions from 1; no list, no rows -#}
{% macro json_elements(document, path, alias) -%}
    {% if target.type == 'postgres' -%}
        cross join lateral jsonb_array_elements(
            case when jsonb_typeof({{ json_value(document, path) }}) = 'array' then {{ json_value(document, path) }} else '[]' end
        ) with ordinality as {{ alias }} (value, position)
    {%- else -%}
        cross join unnest(
            case when json_type({{ json_value(document, path) }}) = 'ARRAY'
                then cast({{ json_value(document, path) }} as json[]) else cast([] as json[]) end
        ) with ordinality as {{ alias }} (value, position)
    {%- endif %}
{%- endmacro %}

{#- join to the entries of the object at a path, as alias(key, value); no object, no rows -#}
{% macro json_entries(document, path, alias) -%}
    {% if target.type == 'postgres' -%}
        cross join lateral jsonb_each(
            case when jsonb_typeof({{ json_value(document, path) }}) = 'object' then {{ json_value(document, path) }} else '{}' end
        ) as {{ alias }} (key, value)
    {%- else -%}
        cross join lateral (
            select key, json_extract({{ json_value(document, path) }}, '$."' || key || '"') as value
            from unnest(json_keys({{ json_value(document, path) }})) as keys (key)
        ) as {{ alias }}
    {%- endif %}
{%- endmacro %}
