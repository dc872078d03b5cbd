{% set movements = ['new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx', 'transfer_in', 'transfer_out'] %}
{% set encounters = ['new', 'reactivation', 'churn'] %}

{% set dimensions = {
    'plan': 'plan_id', 'currency': 'currency', 'segment': 'segment', 'region': 'region', 'channel': 'channel', 'rep': 'rep',
    'cohort': 'cohort',
} %}

-- the waterfall of every calendar period: in total, and by every dimension
with ledger as (
    select
        ledger.*,
        customers.segment,
        customers.region,
        customers.channel,
        customers.rep,
        customers.cohort
    from {{ ref('mrr_movements_by_plan') }} as ledger
    left join {{ ref('int_mrr_customers') }} as customers on ledger.customer_id = customers.customer_id
),

plans as (
    select * from {{ ref('plans') }}
),

periods as (
    select
        spans.grain,
        spans.period_start,
        days.day
    from {{ ref('int_periods') }} as spans
    inner join {{ ref('int_days') }} as days on spans.period_start <= days.day and days.day <= spans.last_day
),

-- one pass over the ledger for all dimensions; what only changes place inside a customer moves its plans and currencies alone
day_amounts as (
    select
        movement_date as day,
        movement,
        {{ grouping_columns(dimensions) }},
        sum(amount) as amount,
        sum(signed_amount) as signed_amount
    from ledger
    group by movement_date, movement, {{ grouping_sets(dimensions) }}
),

day_encounters as (
    select
        movement_date as day,
        movement,
        {{ grouping_columns(dimensions) }},
        count(distinct customer_id) as customers
    from ledger
    where movement in ('{{ encounters | join("', '") }}')
    group by movement_date, movement, {{ grouping_sets(dimensions) }}
),

days as (
    select
        day,
        movement,
        dimension,
        member,
        amount,
        signed_amount,
        0 as customers
    from day_amounts
    where dimension in ('plan', 'currency') or movement not in ('transfer_in', 'transfer_out')
    union all
    select day, movement, dimension, member, 0, 0, customers from day_encounters
),

amounts as (
    select
        periods.grain,
        periods.period_start,
        days.dimension,
        days.member,
        {% for movement in movements %}
        sum(case when days.movement = '{{ movement }}' then days.amount else 0 end) as {{ movement }}_mrr,
        {% endfor %}
        {% for movement in encounters %}
        sum(case when days.movement = '{{ movement }}' then days.customers else 0 end) as {{ movement }}_customers,
        {% endfor %}
        sum(days.signed_amount) as net_mrr
    from days
    inner join periods on days.day = periods.day
    group by periods.grain, periods.period_start, days.dimension, days.member
),

steps as (
    select
        dimension,
        member,
        customer_id,
        day,
        case when is_paying then 1 else 0 end - case when was_paying then 1 else 0 end as net_customers
    from {{ ref('int_mrr_steps') }}
),

day_memberships as (
    select dimension, member, day, sum(net_customers) as net_customers
    from steps
    where dimension <> 'all'
    group by dimension, member, day
    union all
    select
        {{ grouping_columns(customer_dimensions()) }},
        steps.day,
        sum(steps.net_customers)
    from steps
    left join {{ ref('int_mrr_customers') }} as customers on steps.customer_id = customers.customer_id
    where steps.dimension = 'all' and steps.net_customers <> 0
    group by steps.day, {{ grouping_sets(customer_dimensions()) }}
),

memberships as (
    select
        periods.grain,
        periods.period_start,
        day_memberships.dimension,
        day_memberships.member,
        sum(day_memberships.net_customers) as net_customers
    from day_memberships
    inner join periods on day_memberships.day = periods.day
    group by periods.grain, periods.period_start, day_memberships.dimension, day_memberships.member
),

members as (
    select 'all' as dimension, 'all' as member
    union
    select dimension, member from day_memberships
    union
    select dimension, member from days
),

closings as (
    select
        spans.grain,
        spans.period_start,
        members.dimension,
        members.member,
        {% for movement in movements %}
        coalesce(amounts.{{ movement }}_mrr, 0) as {{ movement }}_mrr,
        {% endfor %}
        {% for movement in encounters %}
        coalesce(amounts.{{ movement }}_customers, 0) as {{ movement }}_customers,
        {% endfor %}
        sum(coalesce(amounts.net_mrr, 0)) over history as closing_mrr,
        coalesce(amounts.net_mrr, 0) as net_mrr,
        sum(coalesce(memberships.net_customers, 0)) over history as closing_customers,
        coalesce(memberships.net_customers, 0) as net_customers
    from {{ ref('int_periods') }} as spans
    cross join members
    left join amounts
        on
            spans.grain = amounts.grain and spans.period_start = amounts.period_start
            and members.dimension = amounts.dimension and members.member = amounts.member
    left join memberships
        on
            spans.grain = memberships.grain and spans.period_start = memberships.period_start
            and members.dimension = memberships.dimension and members.member = memberships.member
    window history as (
        partition by spans.grain, members.dimension, members.member order by spans.period_start rows unbounded preceding
    )
)

select
    closings.grain,
    closings.period_start,
    closings.dimension,
    coalesce(plans.plan_name, closings.member) as member,
    closings.member as member_id,
    closings.closing_mrr - closings.net_mrr as opening_mrr,
    closings.closing_mrr,
    closings.net_mrr,
    closings.closing_customers - closings.net_customers as opening_customers,
    closings.closing_customers,
    {% for movement in movements %}
    closings.{{ movement }}_mrr,
    {% endfor %}
    closings.new_customers,
    closings.reactivation_customers,
    closings.churn_customers
from closings
left join plans on closings.dimension = 'plan' and closings.member = plans.plan_id
