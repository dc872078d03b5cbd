{#- groups to which customers and prospects belong, by the rules of config/company.yaml -#}

{#- the segment of whoever has so many employees and, if it is a customer, reached that MRR at some time -#}
{% macro segment_of(employees, peak_mrr=none) -%}
    case
        {%- for segment in var('segments') %}
        {%- set limits = [] %}
        {%- if segment.employees_from is not none %}{% do limits.append(employees ~ ' >= ' ~ segment.employees_from) %}{% endif %}
        {%- if segment.mrr_from is not none and peak_mrr %}{% do limits.append(peak_mrr ~ ' >= ' ~ segment.mrr_from) %}{% endif %}
        {%- set takes_everyone = segment.employees_from is none and segment.mrr_from is none %}
        {%- if limits or takes_everyone %}
        when {{ limits | join(' or ') or 'true' }} then '{{ segment.name }}'
        {%- endif %}
        {%- endfor %}
        when true then 'unknown'
    end
{%- endmacro %}

{#- whether any rule looks at MRR, which costs a pass over every day -#}
{% macro segments_look_at_mrr() -%}
    {{ 'true' if var('segments') | selectattr('mrr_from') | list else 'false' }}
{%- endmacro %}

{#- the region of a country, given as ISO 3166 with two letters -#}
{% macro region_of(country) -%}
    case
        {%- for region, countries in var('regions').items() %}
        when upper(trim({{ country }})) in ('{{ countries | join("', '") }}') then '{{ region }}'
        {%- endfor %}
        when true then 'unknown'
    end
{%- endmacro %}

{#- a source of acquisition as a CRM names it, as a member: Partner Referral is partner_referral -#}
{% macro channel_of(source) -%}
    replace(lower(trim({{ source }})), ' ', '_')
{%- endmacro %}

{#- the place of a column's system in a list of systems, for which the first is believed -#}
{% macro place_of(system, systems) -%}
    case {{ system }} {% for name in systems %}when '{{ name }}' then {{ loop.index }} {% endfor %}else {{ systems | length + 1 }} end
{%- endmacro %}
