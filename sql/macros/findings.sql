{#- what the chosen checks found on each day, by the last evaluation of the day -#}
{% macro last_findings(where) -%}
    select
        check_id,
        found_date,
        source,
        stream,
        dimension,
        relation,
        {{ json_document('detail') }} as detail
    from (
        select
            *,
            {{ local_day('found_at') }} as found_date,
            row_number() over (partition by check_id, {{ local_day('found_at') }} order by found_at desc, finding_id) as newest
        from {{ source('ops', 'findings') }}
        where {{ where }}
    ) as evaluations
    where newest = 1
{%- endmacro %}
