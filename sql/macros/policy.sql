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

{#- the first of some systems that has rows in a relation: where two systems hold the same things, only one is counted -#}
{% macro leading_system(systems, relation) -%}
    select system
    from (
        {%- for system in systems %}
        select '{{ system }}' as system, {{ loop.index }} as place{% if not loop.last %} union all{% endif %}
        {%- endfor %}
    ) as systems
    where system in (select system from {{ relation }})
    order by place
    limit 1
{%- endmacro %}

{#- whether a plan is sold beside others, named in config/company.yaml by its name or id -#}
{% macro is_addon(plan_id, plan_name) -%}
    {%- if var('addons') -%}
    ({{ plan_id }} in ('{{ var('addons') | join("', '") }}') or {{ plan_name }} in ('{{ var('addons') | join("', '") }}'))
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}

{#- whether customers bring customers through this channel -#}
{% macro is_referral(channel) -%}
    {{ channel }} in ('{{ var("referral_channels") | join("', '") }}')
{%- endmacro %}
