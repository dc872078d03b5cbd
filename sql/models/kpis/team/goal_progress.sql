-- each KPI's value against its target for the same period, at most 1; the total is the mean over the KPIs that have both
{%- set goals = var('targets') | selectattr('kpi') | list %}
with periods as (
    select
        grain,
        period_start,
        max(last_day) as last_day,
        {{ last_day_of_period('grain', 'period_start') }} as end_day
    from (
        select grain, period_start, last_day from {{ ref('int_periods') }}
        union all
        select grain, period_start, last_day from {{ ref('int_activity_periods') }}
    ) as calendars
    group by grain, period_start
),

days as (
    select period_start as day from periods where grain = 'day'
),

goals as (
    select
        cast(null as varchar) as kpi,
        cast(null as varchar) as per,
        cast(null as varchar) as better,
        cast(null as varchar) as over_time,
        cast(null as boolean) as is_rate
    where false
    {%- for goal in goals %}
    union all
    select '{{ goal.kpi }}', '{{ goal.per }}', '{{ goal.better }}', '{{ goal.over_time }}', {{ goal.is_rate | lower }}
    {%- endfor %}
),

given as (
    select cast(null as varchar) as kpi, cast(null as numeric(24, 6)) as amount, cast(null as date) as first_day
    where false
    {%- for goal in goals %}{% for month, amount in goal.steps.items() %}
    union all
    select '{{ goal.kpi }}', {{ amount }}, date '{{ month }}-01'
    {%- endfor %}{% endfor %}
),

-- a target holds from its month to the next one given
steps as (
    select
        kpi,
        amount,
        first_day,
        coalesce(lead(first_day) over (partition by kpi order by first_day), date '9999-12-31') as next_first_day
    from given
),

target_periods as (
    select
        grain as per,
        period_start as first_day,
        end_day,
        end_day - period_start + 1 as all_days
    from periods
),

-- how much of each period that targets are for lies in each calendar period
parts as (
    select
        target_periods.per,
        target_periods.end_day,
        target_periods.all_days,
        periods.grain,
        periods.period_start,
        count(*) as part_days
    from periods
    inner join days on periods.period_start <= days.day and days.day <= periods.last_day
    inner join target_periods on target_periods.first_day <= days.day and days.day <= target_periods.end_day
    group by target_periods.per, target_periods.end_day, target_periods.all_days, periods.grain, periods.period_start
),

-- what adds up has its target in proportion to the days, anything else that of the period's last day
aims as (
    select
        goals.kpi,
        parts.grain,
        parts.period_start,
        sum({{ exact_ratio('steps.amount * parts.part_days', 'parts.all_days') }}) as amount
    from goals
    inner join parts on goals.per = parts.per
    left join steps
        on goals.kpi = steps.kpi and steps.first_day <= parts.end_day and parts.end_day < steps.next_first_day
    where goals.over_time = 'sum'
    group by goals.kpi, parts.grain, parts.period_start
    having count(*) = count(steps.amount)
    union all
    select goals.kpi, periods.grain, periods.period_start, steps.amount
    from goals
    inner join periods on not goals.is_rate or goals.per = periods.grain
    inner join steps
        on goals.kpi = steps.kpi and steps.first_day <= periods.end_day and periods.end_day < steps.next_first_day
    where goals.over_time <> 'sum'
),

reached as (
    select '' as kpi, grain, period_start, cast(null as numeric(24, 6)) as value from periods
    where false
    {%- for goal in goals %}
    union all
    select '{{ goal.kpi }}', grain, period_start, value from {{ ref(goal.kpi) }}
    where dimension = 'all'
    {%- endfor %}
),

progress as (
    select
        aims.kpi,
        aims.grain,
        aims.period_start,
        case
            when goals.better = 'down' and reached.value <= aims.amount then 1
            when goals.better = 'down' and aims.amount >= 0 then {{ exact_ratio('aims.amount', 'reached.value') }}
            when goals.better = 'up' and aims.amount > 0
                then least(1, greatest(0, {{ exact_ratio('reached.value', 'aims.amount') }}))
        end as share
    from aims
    inner join goals on aims.kpi = goals.kpi
    inner join reached
        on aims.kpi = reached.kpi and aims.grain = reached.grain and aims.period_start = reached.period_start
    where reached.value is not null
),

members as (
    select grain, period_start, 'all' as dimension, 'all' as member, share from progress
    union all
    select grain, period_start, 'kpi', kpi, share from progress
),

sums as (
    select
        period_start,
        grain,
        dimension,
        member,
        sum(share) as numerator,
        count(share) as denominator
    from members
    where share is not null
    group by period_start, grain, dimension, member
)

{{ kpi_rate('sums', 'numerator', 'denominator', 'denominator') }}
