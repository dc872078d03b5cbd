{% set parts = {
    'plans': 'plan', 'currencies': 'currency', 'segments': 'segment', 'regions': 'region', 'channels': 'channel', 'reps': 'rep',
    'cohorts': 'cohort',
} %}

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

balances as (
    select mrr_date, sum(mrr_amount) as mrr_amount from {{ ref('mrr_daily') }} group by mrr_date
),

closings as (
    select
        period_start,
        sum(case when dimension = 'all' then closing_mrr else 0 end) as total_mrr,
        {% for part, dimension in parts.items() %}
        sum(case when dimension = '{{ dimension }}' then closing_mrr else 0 end) as {{ part }}_mrr{% if not loop.last %},{% endif %}
        {% endfor %}
    from periods
    where grain = 'day'
    group by period_start
),

wholes as (
    select closings.*, coalesce(balances.mrr_amount, 0) as customers_mrr
    from closings
    left join balances on closings.period_start = balances.mrr_date
),

months as (
    select
        cast(date_trunc('month', period_start) as date) as period_start,
        sum(case when grain = 'month' then net_mrr else 0 end) as net_mrr,
        sum(case when grain = 'day' then net_mrr else 0 end) as days_net_mrr
    from periods
    where grain in ('day', 'month') and dimension = 'all'
    group by cast(date_trunc('month', period_start) as date)
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
    {{ violation('I3', 'wholes', "'sum over customers'", 'period_start', 'customers_mrr', 'total_mrr') }}
    union all
    {% for part in parts %}
    {{ violation('I3', 'wholes', "'sum over " ~ part ~ "'", 'period_start', part ~ '_mrr', 'total_mrr') }}
    union all
    {% endfor %}
    {{ violation('I3', 'months', "'sum over days'", 'period_start', 'days_net_mrr', 'net_mrr') }}
)

select * from sums
where measured is distinct from expected
