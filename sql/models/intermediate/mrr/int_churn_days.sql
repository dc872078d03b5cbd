{%- set dimensions = {
    'plan': 'paying.plan', 'segment': 'customers.segment', 'region': 'customers.region', 'channel': 'customers.channel',
    'cohort': 'customers.cohort',
} -%}
-- who paid at the start of a day, and who of them did not at its end; the plan is the one of the start
with paying as (
    select
        paying.customer_id,
        paying.from_day,
        paying.until_day,
        plans.plan_name as plan,
        coalesce(lead(paying.from_day) over (partition by paying.customer_id order by paying.from_day) = paying.until_day, false) as goes_on
    from {{ ref('int_main_plans') }} as paying
    inner join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
),

clock as (
    select * from {{ ref('int_data_as_of') }}
),

-- a balance of the last day has no end yet
changes as (
    select customer_id, plan, from_day + 1 as day, 1 as started, 0 as lost from paying
    union all
    select paying.customer_id, paying.plan, paying.until_day, 0, case when paying.goes_on then 0 else 1 end
    from paying
    cross join clock
    where paying.until_day <= clock.last_day
    union all
    select customer_id, plan, until_day + 1, -1, 0 from paying
),

sums as (
    select
        paying.day,
        {{ grouping_columns(dimensions) }},
        sum(paying.started) as started,
        sum(paying.lost) as lost
    from changes as paying
    inner join {{ ref('int_mrr_customers') }} as customers on paying.customer_id = customers.customer_id
    group by paying.day, {{ grouping_sets(dimensions) }}
),

members as (
    select distinct dimension, member from sums
),

counted as (
    select
        days.day as period_start,
        'day' as grain,
        members.dimension,
        members.member,
        sum(coalesce(sums.started, 0)) over (
            partition by members.dimension, members.member order by days.day rows unbounded preceding
        ) as start_customers,
        coalesce(sums.lost, 0) as lost_customers
    from {{ ref('int_days') }} as days
    cross join members
    left join sums on days.day = sums.day and members.dimension = sums.dimension and members.member = sums.member
)

select * from counted where start_customers > 0
