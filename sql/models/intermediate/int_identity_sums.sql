-- sums that must agree: balances with movements (I1), a day with the next (I2), parts with wholes (I3)
with steps as (
    select * from {{ ref('int_identity_steps') }}
),

ledger as (
    select * from {{ ref('mrr_movements') }}
),

periods as (
    select * from {{ ref('int_mrr_periods') }}
),

-- the sub-ledger and the ledger are added up apart: the first per currency, the second per customer
customer_steps as (
    select customer_id, day, sum(change_amount) as change_amount, 0 as moved_amount from steps group by customer_id, day
    union all
    select customer_id, movement_date, 0, signed_amount from ledger
),

customer_days as (
    select customer_id, day, sum(change_amount) as change_amount, sum(moved_amount) as moved_amount
    from customer_steps
    group by customer_id, day
),

total_days as (
    select day, sum(change_amount) as change_amount, sum(moved_amount) as moved_amount
    from customer_days
    group by day
),

chain as (
    select
        *,
        coalesce(lag(closing_mrr) over (partition by grain, dimension, member_id order by period_start), 0) as previous_closing_mrr
    from periods
),

totals as (
    select period_start, closing_mrr from periods where grain = 'day' and dimension = 'all'
),

customers as (
    select mrr_date, sum(mrr_amount) as mrr_amount from {{ ref('mrr_daily') }} group by mrr_date
),

totals_by_customer as (
    select totals.period_start, totals.closing_mrr, coalesce(customers.mrr_amount, 0) as mrr_amount
    from totals
    left join customers on totals.period_start = customers.mrr_date
),

totals_by_part as (
    select parts.period_start, parts.dimension, totals.closing_mrr, sum(parts.closing_mrr) as parts_mrr
    from periods as parts
    inner join totals on parts.period_start = totals.period_start
    where parts.grain = 'day' and parts.dimension <> 'all'
    group by parts.period_start, parts.dimension, totals.closing_mrr
),

months_by_day as (
    select
        months.period_start,
        months.net_mrr,
        sum(days.net_mrr) as days_net_mrr
    from periods as months
    inner join periods as days
        on
            days.grain = 'day' and days.dimension = 'all'
            and cast(date_trunc('month', days.period_start) as date) = months.period_start
    where months.grain = 'month' and months.dimension = 'all'
    group by months.period_start, months.net_mrr
),

sums as (
    {{ violation('I1', 'steps', "customer_id || ' ' || currency", 'day', 'moved_amount', 'change_amount') }}
    union all
    {{ violation('I1', 'customer_days', 'customer_id', 'day', 'moved_amount', 'change_amount') }}
    union all
    {{ violation('I1', 'total_days', "'total'", 'day', 'moved_amount', 'change_amount') }}
    union all
    {{ violation('I2', 'chain', "grain || ' ' || member_id", 'period_start', 'opening_mrr', 'previous_closing_mrr') }}
    union all
    {{ violation('I3', 'totals_by_customer', "'sum over customers'", 'period_start', 'mrr_amount', 'closing_mrr') }}
    union all
    {{ violation('I3', 'totals_by_part', "'sum over ' || dimension", 'period_start', 'parts_mrr', 'closing_mrr') }}
    union all
    {{ violation('I3', 'months_by_day', "'sum over days'", 'period_start', 'days_net_mrr', 'net_mrr') }}
)

select * from sums
where measured is distinct from expected
