{% set dimensions = {
    'plan': 'plan', 'segment': 'segment', 'region': 'region', 'channel': 'channel', 'cohort': 'cohort',
} %}

-- what customers paying at the start of a window are worth at its end, both valued at the rates of the start
with spans as (
    select 'period' as window_kind, grain, period_start, period_start - 1 as start_day, last_day as end_day
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter', 'year')
    union all
    select 'trailing_12_months', grain, period_start, cast(last_day - interval '12 months' as date), last_day
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter', 'year')
),

balances as (
    select customer_id, currency, from_day, until_day, sum(mrr) as mrr
    from {{ ref('int_mrr_balances') }}
    where mrr <> 0
    group by customer_id, currency, from_day, until_day
),

rates as (
    select * from {{ ref('exchange_rates') }}
),

values_at as (
    select
        spans.window_kind,
        spans.grain,
        spans.period_start,
        balances.customer_id,
        {{ converted('balances.mrr', 'rates.rate') }} as start_amount,
        0 as end_amount
    from spans
    inner join balances on balances.from_day <= spans.start_day and spans.start_day < balances.until_day
    inner join rates on balances.currency = rates.currency and spans.start_day = rates.rate_date
    union all
    select
        spans.window_kind,
        spans.grain,
        spans.period_start,
        balances.customer_id,
        0,
        {{ converted('balances.mrr', 'rates.rate') }}
    from spans
    inner join balances on balances.from_day <= spans.end_day and spans.end_day < balances.until_day
    inner join rates on balances.currency = rates.currency and spans.start_day = rates.rate_date
),

customers as (
    select
        window_kind,
        grain,
        period_start,
        customer_id,
        sum(start_amount) as start_amount,
        sum(end_amount) as end_amount
    from values_at
    group by window_kind, grain, period_start, customer_id
),

plans as (
    select windows.window_kind, windows.grain, windows.period_start, paying.customer_id, plans.plan_name as plan
    from spans as windows
    inner join {{ ref('int_main_plans') }} as paying
        on paying.from_day <= windows.start_day and windows.start_day < paying.until_day
    inner join {{ ref('plans') }} as plans on paying.plan_id = plans.plan_id
),

-- who bought more in the period itself
bought as (
    select
        spans.grain,
        spans.period_start,
        drivers.customer_id,
        max(case when drivers.driver = 'tier_upgrade' then 1 else 0 end) as has_upgraded,
        max(case when drivers.driver = 'addon_purchase' then 1 else 0 end) as has_added
    from spans
    inner join {{ ref('int_expansion_drivers') }} as drivers
        on spans.start_day < drivers.movement_date and drivers.movement_date <= spans.end_day
    where spans.window_kind = 'period'
    group by spans.grain, spans.period_start, drivers.customer_id
),

members as (
    select
        windows.*,
        plans.plan,
        customers.segment,
        customers.region,
        customers.channel,
        customers.rep,
        customers.cohort,
        coalesce(bought.has_upgraded, 0) as has_upgraded,
        coalesce(bought.has_added, 0) as has_added
    from customers as windows
    left join {{ ref('int_mrr_customers') }} as customers on windows.customer_id = customers.customer_id
    left join plans
        on
            windows.window_kind = plans.window_kind and windows.grain = plans.grain
            and windows.period_start = plans.period_start and windows.customer_id = plans.customer_id
    left join bought
        on
            windows.window_kind = 'period' and windows.grain = bought.grain
            and windows.period_start = bought.period_start and windows.customer_id = bought.customer_id
    where windows.start_amount > 0
)

select
    window_kind,
    grain,
    period_start,
    {{ grouping_columns(dimensions) }},
    cast(sum(start_amount) as numeric(18, 6)) as start_mrr,
    cast(sum(end_amount) as numeric(18, 6)) as end_mrr,
    cast(sum(least(start_amount, end_amount)) as numeric(18, 6)) as kept_mrr,
    cast(sum(case when end_amount > 0 then start_amount else 0 end) as numeric(18, 6)) as stayers_start_mrr,
    cast(sum(case when end_amount > 0 then end_amount else 0 end) as numeric(18, 6)) as stayers_end_mrr,
    count(*) as start_customers,
    sum(case when end_amount > 0 then 1 else 0 end) as kept_customers,
    sum(has_upgraded) as upgraded_customers,
    sum(has_added) as added_customers
from members
group by window_kind, grain, period_start, {{ grouping_sets(dimensions) }}
