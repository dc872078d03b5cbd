-- tickets of the period for a hundred of the customers who pay at its end, each under the plan it pays most for
with payers as (
    select distinct
        periods.grain,
        periods.period_start,
        daily.customer_id
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('mrr_daily') }} as daily on periods.last_day = daily.mrr_date
    where periods.grain <> 'day' and daily.mrr_amount > 0
),

described as (
    select
        payers.grain,
        payers.period_start,
        coalesce(plans.plan_name, 'unknown') as plan_name,
        coalesce(customers.segment, 'unknown') as segment
    from payers
    left join {{ ref('int_customer_plans') }} as plans on payers.customer_id = plans.customer_id
    left join {{ ref('customers') }} as customers on payers.customer_id = customers.customer_id
),

counts as (
    select grain, period_start, 'all' as dimension, 'all' as member, 0 as requests, 1 as payers from described
    union all
    select grain, period_start, 'plan', plan_name, 0, 1 from described
    union all
    select grain, period_start, 'segment', segment, 0, 1 from described
    union all
    select grain, period_start, dimension, member, 100 * value, 0
    from {{ ref('ticket_volume') }}
    where grain <> 'day' and dimension in ('all', 'plan', 'segment')
),

sums as (
    select
        grain,
        period_start,
        dimension,
        member,
        sum(requests) as requests,
        sum(payers) as payers
    from counts
    where (grain, period_start) in (select grain, period_start from {{ ref('ticket_volume') }} where dimension = 'all')
    group by grain, period_start, dimension, member
)

{{ kpi_rate('sums', 'requests', 'payers', 'payers') }}
