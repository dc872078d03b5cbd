{#- rows of the raw history; see the description of the sources -#}

{#- the current, living objects of a stream; none if it was never loaded, so that no source is needed for a build -#}
{% macro current_rows(source_name, stream) -%}
    {%- set history = source(source_name, stream) -%}
    {%- if execute and load_relation(history) is none -%}
    select
        cast(null as text) as id,
        cast(null as timestamp with time zone) as extracted_at,
        {{ json_document('cast(null as json)') }} as body
    where false
    {%- else -%}
    select
        id,
        extracted_at,
        {{ json_document('payload') }} as body
    from {{ history }}
    where valid_to is null and not is_deleted
    {%- endif -%}
{%- endmacro %}

{#- every version of every object whose body is known -#}
{% macro version_rows(source_name, stream) -%}
    select
        id,
        source_updated_at,
        extracted_at,
        valid_to,
        is_deleted,
        {{ json_document('payload') }} as body
    from {{ source(source_name, stream) }}
    where payload is not null
{%- endmacro %}
