{#- how records are named and compared across systems -#}

{% macro identity_record(system, record_type, record_id) -%}
    {{ system }} || '/' || {{ record_type }} || '/' || {{ record_id }}
{%- endmacro %}

{#- an address in lower case, without what follows a plus: that is a label, not another mailbox -#}
{% macro plain_address(address) -%}
    regexp_replace(lower(trim({{ address }})), '[+][^@]*@', '@')
{%- endmacro %}

{% macro mail_domain(address) -%}
    nullif(split_part(lower(trim({{ address }})), '@', 2), '')
{%- endmacro %}

{#- the host of an address on the web, without www -#}
{% macro web_domain(address) -%}
    split_part(regexp_replace(regexp_replace(lower(trim({{ address }})), '^[a-z]+://', ''), '^www[.]', ''), '/', 1)
{%- endmacro %}

{#- whether anybody can have a mailbox there, so that it says nothing about a company; nothing at all says nothing either -#}
{% macro is_free_mail(domain) -%}
    coalesce({{ domain }}, '') in ('', '{{ (var("free_mail_domains") + var("further_free_mail_domains")) | join("', '") }}')
{%- endmacro %}

{#- what people decided: a record is this customer, or nobody's -#}
{% macro identity_overrides() -%}
    select cast(null as text) as identity_record_id, cast(null as text) as customer_id
    where false
    {%- for override in var('identity_overrides') %}
    union all
    select '{{ override.record | replace("'", "''") }}', {% if override.customer -%}
        '{{ override.customer | replace("'", "''") }}' {%- else -%} cast(null as text) {%- endif %}
    {%- endfor %}
{%- endmacro %}
