{#- the columns that every KPI has -#}
{% macro kpi_columns() -%}
    period_start, grain, dimension, member, value, numerator, denominator, sample_size
{%- endmacro %}

{#- an amount or a count of the waterfall; the sample is the number of customers behind it -#}
{% macro kpi_amount(value, sample_size, grains=['day', 'week', 'month', 'quarter', 'year'], dimensions=['all', 'plan', 'currency']) -%}
    select
        period_start,
        grain,
        dimension,
        member,
        cast({{ value }} as numeric(24, 6)) as value,
        cast({{ value }} as numeric(24, 6)) as numerator,
        cast(null as numeric(24, 6)) as denominator,
        cast({{ sample_size }} as bigint) as sample_size
    from {{ ref('int_mrr_periods') }}
    where grain in ('{{ grains | join("', '") }}') and dimension in ('{{ dimensions | join("', '") }}')
{%- endmacro %}

{#- a rate of two figures of a relation; null over zero -#}
{% macro kpi_rate(relation, numerator, denominator, sample_size, where='true') -%}
    select
        period_start,
        grain,
        dimension,
        member,
        {{ exact_ratio(numerator, denominator) }} as value,
        cast({{ numerator }} as numeric(24, 6)) as numerator,
        cast({{ denominator }} as numeric(24, 6)) as denominator,
        cast({{ sample_size }} as bigint) as sample_size
    from {{ relation }}
    where {{ where }}
{%- endmacro %}

{#- the total of dated rows per calendar period, zero where there are none -#}
{% macro kpi_sum(relation, date_column, amount, sample, where='true', grains=['day', 'week', 'month', 'quarter', 'year']) -%}
    select
        periods.period_start,
        periods.grain,
        'all' as dimension,
        'all' as member,
        cast(coalesce(sum(facts.amount), 0) as numeric(24, 6)) as value,
        cast(coalesce(sum(facts.amount), 0) as numeric(24, 6)) as numerator,
        cast(null as numeric(24, 6)) as denominator,
        count(distinct facts.sample) as sample_size
    from {{ ref('int_periods') }} as periods
    left join (
        select {{ date_column }} as fact_date, {{ amount }} as amount, {{ sample }} as sample
        from {{ relation }}
        where {{ where }}
    ) as facts
        on periods.period_start <= facts.fact_date and facts.fact_date <= periods.last_day
    where periods.grain in ('{{ grains | join("', '") }}')
    group by periods.period_start, periods.grain
{%- endmacro %}
