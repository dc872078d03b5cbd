{#- How tables are written, in the place of dbt's own materializations of the same names: those make a table beside the old one,
    rename both and drop one, look for what may be in the way, and copy what is added through a table of its own. At several hundred
    models that is a third of a build. -#}

{% materialization table, adapter = 'duckdb' %}{{ return(write_whole()) }}{% endmaterialization %}
{% materialization table, adapter = 'postgres' %}{{ return(write_whole()) }}{% endmaterialization %}
{% materialization incremental, adapter = 'duckdb' %}{{ return(write_unread()) }}{% endmaterialization %}
{% materialization incremental, adapter = 'postgres' %}{{ return(write_unread()) }}{% endmaterialization %}

{#- makes the model's table anew -#}
{% macro write_whole() -%}
    {%- set relation = this.incorporate(type = 'table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and not existing.is_table -%}{{ drop_relation_if_exists(existing) }}{%- endif -%}
    {{ adapter.dispatch('replace_table')(relation, existing) }}
    {{ return(finish(relation)) }}
{%- endmacro %}

{#- adds the rows of objects that have changed: see `keep_rows` -#}
{% macro write_unread() -%}
    {%- if not is_incremental() -%}{{ return(write_whole()) }}{%- endif -%}
    {%- set relation = this.incorporate(type = 'table') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        insert into {{ relation }} {{ compiled_code }}
    {%- endcall %}
    {{ return(finish(relation)) }}
{%- endmacro %}

{% macro finish(relation) -%}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

{% macro duckdb__replace_table(relation, existing) -%}
    {% call statement('main') -%}
        create or replace table {{ relation }} as {{ compiled_code }}
    {%- endcall %}
{%- endmacro %}

{#- the old table can be read until the new one is complete; views of it go with it, of which dbt must know, and are made again after it -#}
{% macro postgres__replace_table(relation, existing) -%}
    {%- set beside = make_intermediate_relation(relation) -%}
    {% call statement('main') -%}
        create table {{ beside }} as {{ compiled_code }}
    {%- endcall %}
    {% call statement('replace') -%}
        drop table if exists {{ relation }} cascade; alter table {{ beside }} rename to {{ adapter.quote(relation.identifier) }}
    {%- endcall %}
    {%- if existing is not none -%}{%- do adapter.cache_dropped(existing) -%}{%- endif -%}
{%- endmacro %}
