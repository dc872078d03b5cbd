{#- rows of the raw history; see the description of the sources -#}

{#- the current, living objects of a stream; none if it was never loaded, so that no source is needed for a build.
    With `key`, the column that holds their ids, the model is incremental: it keeps the rows of objects that have not changed
    since it was built. It must hand on batch_id, which tells up to which batch its rows were read. -#}
{% macro current_rows(source_name, stream, key=none) -%}
    {%- if key %}{{ keep_rows(source_name, stream, key) }}{% endif -%}
    {%- set history = source(source_name, stream) -%}
    {%- if execute and load_relation(history) is none -%}
    select
        cast(null as text) as id,
        cast(null as timestamp with time zone) as extracted_at,
        cast(null as text) as batch_id,
        {{ json_document('cast(null as json)') }} as body
    where false
    {%- else -%}
    select
        id,
        extracted_at,
        batch_id,
        {{ json_document('payload') }} as body
    from {{ history }}
    where valid_to is null and not is_deleted{{ unread(history, key) }}
    {%- endif -%}
{%- endmacro %}

{#- makes a model incremental by the objects of a stream -#}
{% macro keep_rows(source_name, stream, key) -%}
    {{ config(
        materialized='incremental', incremental_strategy='append',
        pre_hook="{{ forget_changed('" ~ source_name ~ "', '" ~ stream ~ "', '" ~ key ~ "') }}", post_hook='{{ count_rows() }}'
    ) }}
{%- endmacro %}

{#- ids of objects with a version newer than any that the model has read -#}
{% macro changed_since(history) -%}
    select id from {{ history }} where batch_id > (select coalesce(max(batch_id), '') from {{ this }})
{%- endmacro %}

{#- what an incremental model still has to read. Once `forget_changed` has run, the newest batch among its rows may be an older
    one, so that objects count as changed again whose rows it still has. -#}
{% macro unread(history, key) -%}
    {%- if key and is_incremental() %}
        and id in ({{ changed_since(history) }})
        and id not in (select {{ key }} from {{ this }})
    {%- endif -%}
{%- endmacro %}

{#- before an incremental model is added to: removes what came of objects that have changed since, or are gone -#}
{% macro forget_changed(source_name, stream, key) -%}
    {%- set history = source(source_name, stream) -%}
    {%- if is_incremental() and load_relation(history) is not none -%}
    delete from {{ this }} where {{ key }} in ({{ changed_since(history) }})
    {%- endif -%}
{%- endmacro %}

{#- every version of every object whose body is known; with `key` as above -#}
{% macro version_rows(source_name, stream, key=none) -%}
    {%- if key %}{{ keep_rows(source_name, stream, key) }}{% endif -%}
    {%- set history = source(source_name, stream) -%}
    select
        id,
        source_updated_at,
        extracted_at,
        valid_to,
        is_deleted,
        batch_id,
        {{ json_document('payload') }} as body
    from {{ history }}
    where payload is not null{{ unread(history, key) }}
{%- endmacro %}
