{#- the columns that every KPI has -#}
{% macro kpi_columns() -%}
    period_start, grain, dimension, member, value, numerator, denominator, sample_size
{%- endmacro %}

{#- some grains and dimensions, as a condition -#}
{% macro kpi_scope(grains, dimensions) -%}
    grain in ('{{ grains | join("', '") }}') and dimension in ('{{ dimensions | join("', '") }}')
{%- endmacro %}

{#- an amount or a count of the waterfall; the sample is the number of customers behind it -#}
{% macro kpi_amount(
    value, sample_size,
    grains=['day', 'week', 'month', 'quarter', 'year'],
    dimensions=['all', 'plan', 'currency', 'segment', 'region']
) -%}
    {{ kpi_value(ref('int_mrr_periods'), value, sample_size, kpi_scope(grains, dimensions)) }}
{%- endmacro %}

{#- a rate of two figures of the waterfall -#}
{% macro kpi_waterfall_rate(
    numerator, denominator, sample_size,
    grains=['week', 'month', 'quarter', 'year'],
    dimensions=['all', 'plan', 'currency', 'segment', 'region']
) -%}
    {{ kpi_rate(ref('int_mrr_periods'), numerator, denominator, sample_size, where=kpi_scope(grains, dimensions)) }}
{%- endmacro %}

{#- a rate over the customers of a window's start; the window is the period, or the twelve months until its end -#}
{% macro kpi_retention(
    numerator, denominator,
    window_kind='period',
    grains=['month', 'quarter', 'year'],
    dimensions=['all', 'plan', 'segment', 'region', 'channel', 'cohort']
) -%}
    {%- set scope = "window_kind = '" ~ window_kind ~ "' and " ~ kpi_scope(grains, dimensions) -%}
    {{ kpi_rate(ref('int_retention_windows'), numerator, denominator, 'start_customers', where=scope) }}
{%- endmacro %}

{#- the share of each member of a dimension in the MRR of the period's end -#}
{% macro kpi_mix(dimension, grains=['week', 'month', 'quarter', 'year']) -%}
    {%- set shares -%}
    (
        select parts.*, whole.closing_mrr as whole_mrr
        from {{ ref('int_mrr_periods') }} as parts
        inner join {{ ref('int_mrr_periods') }} as whole
            on parts.grain = whole.grain and parts.period_start = whole.period_start and whole.dimension = 'all'
        where parts.dimension = '{{ dimension }}' and parts.grain in ('{{ grains | join("', '") }}')
    ) as shares
    {%- endset -%}
    {{ kpi_rate(shares, 'closing_mrr', 'whole_mrr', 'closing_customers') }}
{%- endmacro %}

{#- sums of dated rows by member of a dimension that only some periods have; parts of a total from elsewhere -#}
{% macro kpi_parts(
    relation, date_column, dimension, member, amount='1', sample='customer_id', where='true',
    grains=['day', 'week', 'month', 'quarter', 'year']
) -%}
    {%- set sums -%}
    (
        select
            cast(date_trunc(grains.grain, facts.{{ date_column }}) as date) as period_start,
            grains.grain,
            '{{ dimension }}' as dimension,
            coalesce(facts.{{ member }}, 'unknown') as member,
            sum({{ amount }}) as amount,
            count(distinct facts.{{ sample }}) as facts
        from {{ relation }} as facts
        cross join (select distinct grain from {{ ref('int_periods') }}) as grains
        where {{ where }} and grains.grain in ('{{ grains | join("', '") }}')
        group by
            cast(date_trunc(grains.grain, facts.{{ date_column }}) as date), grains.grain, coalesce(facts.{{ member }}, 'unknown')
    ) as sums
    {%- endset -%}
    {{ kpi_value(sums, 'amount', 'facts') }}
{%- endmacro %}

{#- an amount or a count of a relation: it is its own numerator -#}
{% macro kpi_value(relation, value, sample_size, where='true') -%}
    select
        period_start,
        grain,
        dimension,
        member,
        cast({{ value }} as numeric(24, 6)) as value,
        cast({{ value }} as numeric(24, 6)) as numerator,
        cast(null as numeric(24, 6)) as denominator,
        cast({{ sample_size }} as bigint) as sample_size
    from {{ relation }}
    where {{ where }}
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
    {%- set sums -%}
    (
        select
            periods.period_start,
            periods.grain,
            'all' as dimension,
            'all' as member,
            coalesce(sum(facts.amount), 0) as amount,
            count(distinct facts.sample) as facts
        from {{ ref('int_periods') }} as periods
        left join (
            select {{ date_column }} as fact_date, {{ amount }} as amount, {{ sample }} as sample
            from {{ relation }}
            where {{ where }}
        ) as facts
            on periods.period_start <= facts.fact_date and facts.fact_date <= periods.last_day
        where periods.grain in ('{{ grains | join("', '") }}')
        group by periods.period_start, periods.grain
    ) as sums
    {%- endset -%}
    {{ kpi_value(sums, 'amount', 'facts') }}
{%- endmacro %}

{#- the last day of which every system behind a relation has told: after it, nothing is not zero but unknown -#}
{% macro known_until(relation) -%}
    (
        select min(last_day) from {{ ref('int_source_as_of') }}
        where system in (select system from {{ relation }})
    )
{%- endmacro %}

{#- sums of dated rows by calendar period and member; of the total every period is there, so that nothing shows as nothing.
    Witnesses are the systems that must have told, if they are others than those of the rows -#}
{% macro kpi_facts(relation, date_column, numerator, denominator, dimensions={}, where='true', witnesses=none) -%}
    {%- set members = {'all': "'all'"} -%}
    {%- set told = witnesses or relation -%}
    {%- do members.update(dimensions) -%}
    select
        period_start,
        grain,
        dimension,
        member,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(facts) as facts
    from (
        select period_start, grain, 'all' as dimension, 'all' as member, 0 as numerator, 0 as denominator, 0 as facts
        from {{ ref('int_activity_periods') }}
        where period_start <= {{ known_until(told) }}
        {%- for dimension, column in members.items() %}
        union all
        select
            cast(date_trunc(grains.grain, facts.{{ date_column }}) as date),
            grains.grain,
            '{{ dimension }}',
            coalesce({{ column }}, 'unknown'),
            {{ numerator }},
            {{ denominator }},
            1
        from {{ relation }} as facts
        cross join (select distinct grain from {{ ref('int_activity_periods') }}) as grains
        where facts.{{ date_column }} <= {{ known_until(told) }} and {{ where }}
        {%- endfor %}
    ) as parts
    group by period_start, grain, dimension, member
{%- endmacro %}

{#- such sums as a count or an amount -#}
{% macro kpi_count(relation, date_column, dimensions={}, where='true', amount='1', witnesses=none) -%}
    {{ kpi_value('(' ~ kpi_facts(relation, date_column, amount, '0', dimensions, where, witnesses) ~ ') as sums', 'numerator', 'facts') }}
{%- endmacro %}

{#- such sums as a share or a mean; null over zero -#}
{% macro kpi_share(
    relation, date_column, numerator, denominator='1', dimensions={}, where='true', witnesses=none, sample='facts'
) -%}
    {%- set sums = kpi_facts(relation, date_column, numerator, denominator, dimensions, where, witnesses) -%}
    {{ kpi_rate('(' ~ sums ~ ') as sums', 'numerator', 'denominator', sample) }}
{%- endmacro %}

{#- a percentile of dated durations in seconds, as hours: the smallest that so large a part does not exceed; nothing where there are none -#}
{% macro kpi_hours(relation, date_column, seconds, dimensions={}, percentile='0.5') -%}
    {%- set members = {'all': "'all'"} -%}
    {%- do members.update(dimensions) -%}
    select
        period_start,
        grain,
        dimension,
        member,
        {{ exact_ratio('seconds', '3600') }} as value,
        cast(null as numeric(24, 6)) as numerator,
        cast(null as numeric(24, 6)) as denominator,
        facts as sample_size
    from (
        select
            period_start,
            grain,
            dimension,
            member,
            percentile_disc({{ percentile }}) within group (order by seconds) as seconds,
            count(*) as facts
        from (
            {%- for dimension, column in members.items() %}
            select
                cast(date_trunc(grains.grain, facts.{{ date_column }}) as date) as period_start,
                grains.grain,
                '{{ dimension }}' as dimension,
                coalesce({{ column }}, 'unknown') as member,
                facts.{{ seconds }} as seconds
            from {{ relation }} as facts
            cross join (select distinct grain from {{ ref('int_activity_periods') }}) as grains
            where facts.{{ seconds }} is not null and facts.{{ date_column }} <= {{ known_until(relation) }}
            {%- if not loop.last %} union all {% endif %}
            {%- endfor %}
        ) as parts
        group by period_start, grain, dimension, member
    ) as percentiles
{%- endmacro %}

{#- what there is at the end of a period's last day, from dated rows of what came and what went -#}
{% macro kpi_running_total(relation, date_column, net, dimensions={}) -%}
    {%- set members = {'all': "'all'"} -%}
    {%- do members.update(dimensions) -%}
    {%- set totals -%}
    (
        select
            periods.period_start,
            periods.grain,
            stocks.dimension,
            stocks.member,
            stocks.stock
        from {{ ref('int_activity_periods') }} as periods
        inner join (
            select
                day,
                dimension,
                member,
                sum(sum(net)) over (partition by dimension, member order by day rows unbounded preceding) as stock
            from (
                {%- for dimension, column in members.items() %}
                select
                    greatest(facts.{{ date_column }}, (select min(day) from {{ ref('int_activity_days') }})) as day,
                    '{{ dimension }}' as dimension,
                    coalesce({{ column }}, 'unknown') as member,
                    {{ net }} as net
                from {{ relation }} as facts
                union all
                select days.day, '{{ dimension }}', kinds.member, 0
                from {{ ref('int_activity_days') }} as days
                cross join (select distinct coalesce({{ column }}, 'unknown') as member from {{ relation }}) as kinds
                {%- if not loop.last %} union all {% endif %}
                {%- endfor %}
            ) as parts
            group by day, dimension, member
        ) as stocks
            on periods.last_day = stocks.day
        where periods.last_day <= {{ known_until(relation) }}
    ) as totals
    {%- endset -%}
    {{ kpi_value(totals, 'stock', 'stock') }}
{%- endmacro %}

{#- sums of what there is at the end of each period, of a relation with a row a day and part; a period that runs is measured on
    the last day that is known -#}
{% macro kpi_stock_sums(relation, amount, facts, known, dimensions={}, where='true', grains=['day', 'week', 'month', 'quarter', 'year']) -%}
    {%- set members = {'all': "'all'"} -%}
    {%- do members.update(dimensions) -%}
    select
        period_start,
        grain,
        dimension,
        member,
        sum(amount) as amount,
        sum(facts) as facts
    from (
        select period_start, grain, 'all' as dimension, 'all' as member, 0 as amount, 0 as facts
        from {{ ref('int_activity_periods') }}
        where period_start <= {{ known }} and grain in ('{{ grains | join("', '") }}')
        {%- for dimension, column in members.items() %}
        union all
        select periods.period_start, periods.grain, '{{ dimension }}', days.member, days.amount, days.facts
        from (
            select day, coalesce({{ column }}, 'unknown') as member, sum({{ amount }}) as amount, sum({{ facts }}) as facts
            from {{ relation }}
            where {{ where }}
            group by day, coalesce({{ column }}, 'unknown')
        ) as days
        inner join (
            select period_start, grain, least(last_day, {{ known }}) as day
            from {{ ref('int_activity_periods') }}
            where grain in ('{{ grains | join("', '") }}')
        ) as periods on days.day = periods.day
        {%- endfor %}
    ) as parts
    group by period_start, grain, dimension, member
{%- endmacro %}

{#- such sums as a count or an amount -#}
{% macro kpi_stock(relation, amount, facts, known, dimensions={}, where='true', grains=['day', 'week', 'month', 'quarter', 'year']) -%}
    {{ kpi_value('(' ~ kpi_stock_sums(relation, amount, facts, known, dimensions, where, grains) ~ ') as sums', 'amount', 'facts') }}
{%- endmacro %}

{#- what parts make of a whole: the members of a dimension share one denominator and add up to the total -#}
{% macro kpi_part(relation, date_column, part, whole, dimensions={}, where='true') -%}
    with sums as (
        {{ kpi_facts(relation, date_column, part, whole, dimensions, where) }}
    ),

    totals as (
        select period_start, grain, denominator, facts from sums where dimension = 'all'
    )

    select
        sums.period_start,
        sums.grain,
        sums.dimension,
        sums.member,
        {{ exact_ratio('sums.numerator', 'totals.denominator') }} as value,
        cast(sums.numerator as numeric(24, 6)) as numerator,
        cast(totals.denominator as numeric(24, 6)) as denominator,
        cast(totals.facts as bigint) as sample_size
    from sums
    inner join totals on sums.period_start = totals.period_start and sums.grain = totals.grain
    where sums.dimension = 'all' or sums.numerator <> 0
{%- endmacro %}

{#- growth of a column of a KPI's total over the period so many periods before; where there was none, there is no figure -#}
{% macro kpi_growth(relation, grains, periods_back) -%}
    with totals as (
        select
            *,
            case grain
                {%- for grain in grains %}
                when '{{ grain }}' then lag(value, {{ periods_back[grain] }}) over (partition by grain order by period_start)
                {%- endfor %}
            end as earlier_value
        from {{ relation }}
        where dimension = 'all' and grain in ('{{ grains | join("', '") }}')
    )

    select
        period_start,
        grain,
        dimension,
        member,
        {{ exact_ratio('value - earlier_value', 'earlier_value') }} as value,
        cast(value - earlier_value as numeric(24, 6)) as numerator,
        cast(earlier_value as numeric(24, 6)) as denominator,
        sample_size
    from totals
    where earlier_value is not null
{%- endmacro %}

{#- a share or a mean of dated rows by calendar period and member; where nothing was measured there is no figure -#}
{% macro kpi_measured(relation, date_column, numerator, denominator='1', dimensions={}, where='true') -%}
    {%- set members = {'all': "'all'"} -%}
    {%- do members.update(dimensions) -%}
    {%- set parts -%}
        (
            {%- for dimension, column in members.items() %}
            {%- for grain in ['day', 'week', 'month', 'quarter', 'year'] %}
            select
                cast(date_trunc('{{ grain }}', {{ date_column }}) as date) as period_start,
                '{{ grain }}' as grain,
                '{{ dimension }}' as dimension,
                coalesce({{ column }}, 'unknown') as member,
                sum({{ numerator }}) as numerator,
                sum({{ denominator }}) as denominator,
                count(*) as facts
            from {{ relation }}
            where {{ where }}
            group by 1, 4
            {% if not loop.last %}union all{% endif %}
            {%- endfor %}
            {% if not loop.last %}union all{% endif %}
            {%- endfor %}
        ) as measured
    {%- endset -%}
    {{ kpi_rate(parts, 'numerator', 'denominator', 'facts') }}
{%- endmacro %}
