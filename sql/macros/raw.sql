{#- rows of the raw history; see the description of the sources -#}

{#- the current, living objects of a stream -#}
{% macro current_rows(source_name, stream) -%}
    select
        id,
        extracted_at,
        {{ json_document('payload') }} as body
    from {{ source(source_name, stream) }}
    where valid_to is null and not is_deleted
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
