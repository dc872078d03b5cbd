{#- how sales are grouped -#}

{#- new_business, expansion or renewal, whatever a CRM calls it; HubSpot tells no renewal from an expansion by itself -#}
{% macro opportunity_type(type) -%}
    case
        when {{ type }} is null then null
        when lower({{ type }}) like '%renewal%' then 'renewal'
        when lower({{ type }}) like 'new%' then 'new_business'
        when lower({{ type }}) like 'existing%' or lower({{ type }}) like '%expansion%' then 'expansion'
        else lower({{ type }})
    end
{%- endmacro %}

{#- the band of an amount: the highest whose limit it reaches -#}
{% macro deal_size_of(amount) -%}
    case
        {%- for name, limit in var('deal_sizes').items() | sort(attribute='1', reverse=true) %}
        when {{ amount }} >= {{ limit }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- the share of quota from which on a rep of a role has reached it -#}
{% macro quota_reached_at(role) -%}
    case
        {%- for name, share in var('quota_reached_at').items() if name != 'default' %}
        when {{ role }} = '{{ name }}' then cast({{ share }} as numeric(6, 4))
        {%- endfor %}
        when true then cast({{ var('quota_reached_at')['default'] }} as numeric(6, 4))
    end
{%- endmacro %}

{#- whether products of a family are paid once -#}
{% macro is_one_off(family) -%}
    coalesce(lower({{ family }}), '') in ('{{ var("one_off_product_families") | join("', '") }}')
{%- endmacro %}
