{#- the policy switches in force, as conditions -#}

{#- whether a subscription in this state has MRR -#}
{% macro counts(status, is_collection_paused) -%}
    {{ status }} in ('{{ var("counted_statuses") | join("', '") }}')
    {%- if not var('count_paused_collection') %} and not {{ is_collection_paused }}{% endif %}
{%- endmacro %}

{#- whether a discount of this duration lowers MRR; one for a single invoice changes nothing that recurs -#}
{% macro discounts_recurringly(duration) -%}
    {{ duration }} in ('forever'{% if var('count_repeating_discounts') %}, 'repeating'{% endif %})
{%- endmacro %}
