{%- set dimensions = {'plan': 'plans.plan_name', 'segment': 'customers.segment', 'region': 'customers.region'} -%}
-- who upgraded or added seats, once a period; the plan is the one before the first time
with bought as (
    select
        drivers.customer_id,
        periods.grain,
        periods.period_start,
        min(drivers.movement_date) as first_date
    from {{ ref('int_expansion_drivers') }} as drivers
    inner join {{ ref('int_periods') }} as periods
        on periods.period_start <= drivers.movement_date and drivers.movement_date <= periods.last_day
    where drivers.driver in ('tier_upgrade', 'seat_expansion') and periods.grain in ('month', 'quarter', 'year')
    group by drivers.customer_id, periods.grain, periods.period_start
),

members as (
    select
        bought.grain,
        bought.period_start,
        {{ grouping_columns(dimensions) }},
        count(*) as customers
    from bought
    inner join {{ ref('int_mrr_customers') }} as customers on bought.customer_id = customers.customer_id
    left join {{ ref('int_main_plans') }} as paying
        on
            bought.customer_id = paying.customer_id
            and paying.from_day < bought.first_date and bought.first_date <= paying.until_day
    left join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
    group by bought.grain, bought.period_start, {{ grouping_sets(dimensions) }}
),

parts as (
    select grain, period_start, dimension, member, customers from members
    union all
    select grain, period_start, 'all', 'all', 0
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter', 'year')
),

counts as (
    select grain, period_start, dimension, member, sum(customers) as customers
    from parts
    group by grain, period_start, dimension, member
)

{{ kpi_value('counts', 'customers', 'customers') }}
