{%- set dimensions = {'plan': 'plans.plan_name', 'segment': 'customers.segment', 'region': 'customers.region'} -%}
-- what customers of twelve months before have added since, for all MRR of now
with windows as (
    select grain, period_start, last_day, cast(last_day - interval '12 months' as date) as start_day
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter')
),

history as (
    select min(day) as first_day from {{ ref('int_days') }}
),

complete as (
    select windows.*
    from windows
    cross join history
    where windows.start_day >= history.first_day
),

added as (
    select
        complete.grain,
        complete.period_start,
        {{ grouping_columns(dimensions) }},
        sum(drivers.amount) as amount
    from complete
    inner join {{ ref('int_expansion_drivers') }} as drivers
        on complete.start_day < drivers.movement_date and drivers.movement_date <= complete.last_day
    inner join {{ ref('int_main_plans') }} as paying
        on
            drivers.customer_id = paying.customer_id
            and paying.from_day <= complete.start_day and complete.start_day < paying.until_day
    inner join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
    inner join {{ ref('int_mrr_customers') }} as customers on drivers.customer_id = customers.customer_id
    group by complete.grain, complete.period_start, {{ grouping_sets(dimensions) }}
),

shares as (
    select
        periods.grain,
        periods.period_start,
        periods.dimension,
        periods.member,
        coalesce(added.amount, 0) as amount,
        periods.closing_mrr,
        periods.closing_customers
    from {{ ref('int_mrr_periods') }} as periods
    inner join complete on periods.grain = complete.grain and periods.period_start = complete.period_start
    left join added
        on
            periods.grain = added.grain and periods.period_start = added.period_start
            and periods.dimension = added.dimension and periods.member = added.member
    where periods.dimension in ('all', 'plan', 'segment', 'region')
),

rates as (
    {{ kpi_rate('shares', 'amount', 'closing_mrr', 'closing_customers') }}
)

select * from rates
