{#- the first of the words of support_categories that is among the tags of a request; tags may be texts or have a name -#}
{% macro category_rows(relation, id, tags) -%}
    select id, min(place) as place
    from (
        select
            records.{{ id }} as id,
            case coalesce({{ json_text('tag.value', 'name') }}, {{ json_scalar('tag.value') }})
                {%- for category in var('support_categories') %}
                when '{{ category }}' then {{ loop.index }}
                {%- endfor %}
            end as place
        from {{ relation }} as records
        {{ json_elements('records.' ~ tags, '', 'tag') }}
    ) as found
    where place is not null
    group by id
{%- endmacro %}

{% macro category_at(place) -%}
    case {{ place }}
        {%- for category in var('support_categories') %}
        when {{ loop.index }} then '{{ category }}'
        {%- endfor %}
    end
{%- endmacro %}
