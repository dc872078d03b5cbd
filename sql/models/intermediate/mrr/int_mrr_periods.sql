{% set movements = ['new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx', 'transfer_in', 'transfer_out'] %}
{% set encounters = ['new', 'reactivation', 'churn'] %}

-- the waterfall of every calendar period: in total, per plan and per currency
with ledger as (
    select * from {{ ref('mrr_movements_by_plan') }}
),

plans as (
    select * from {{ ref('plans') }}
),

movements as (
    select 'all' as dimension, 'all' as member, ledger.* from ledger where movement not in ('transfer_in', 'transfer_out')
    union all
    select 'currency', currency, ledger.* from ledger
    union all
    select 'plan', plan_id, ledger.* from ledger
),

periods as (
    select
        spans.grain,
        spans.period_start,
        days.day
    from {{ ref('int_periods') }} as spans
    inner join {{ ref('int_days') }} as days on spans.period_start <= days.day and days.day <= spans.last_day
),

amounts as (
    select
        periods.grain,
        periods.period_start,
        movements.dimension,
        movements.member,
        {% for movement in movements %}
        sum(case when movements.movement = '{{ movement }}' then movements.amount else 0 end) as {{ movement }}_mrr,
        {% endfor %}
        {% for movement in encounters %}
        count(distinct case
            when movements.movement = '{{ movement }}' then movements.customer_id || cast(movements.movement_date as text)
        end) as {{ movement }}_customers,
        {% endfor %}
        sum(movements.signed_amount) as net_mrr
    from movements
    inner join periods on movements.movement_date = periods.day
    group by periods.grain, periods.period_start, movements.dimension, movements.member
),

memberships as (
    select
        periods.grain,
        periods.period_start,
        steps.dimension,
        steps.member,
        sum(case when steps.is_paying then 1 else 0 end - case when steps.was_paying then 1 else 0 end) as net_customers
    from {{ ref('int_mrr_steps') }} as steps
    inner join periods on steps.day = periods.day
    group by periods.grain, periods.period_start, steps.dimension, steps.member
),

members as (
    select 'all' as dimension, 'all' as member
    union
    select dimension, member from memberships
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
