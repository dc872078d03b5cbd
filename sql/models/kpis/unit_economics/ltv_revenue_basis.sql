-- churn of the months of the last year, those of the period included; of a month, because ARPU is one's
with months as (
    select
        grain,
        period_start,
        dimension,
        member,
        start_customers,
        start_customers - kept_customers as lost_customers
    from {{ ref('int_retention_windows') }}
    where window_kind = 'period' and grain = 'month' and dimension in ('all', 'plan', 'segment', 'channel')
),

periods as (
    select grain, period_start, last_day, cast(date_trunc('month', last_day) - interval '11 months' as date) as first_month
    from {{ ref('int_periods') }}
    where grain in ('month', 'quarter')
),

churn as (
    select
        periods.grain,
        periods.period_start,
        months.dimension,
        months.member,
        sum(months.lost_customers) as lost_customers,
        sum(months.start_customers) as start_customers
    from periods
    inner join months on periods.first_month <= months.period_start and months.period_start <= periods.last_day
    group by periods.grain, periods.period_start, months.dimension, months.member
),

valued as (
    select
        waterfall.grain,
        waterfall.period_start,
        waterfall.dimension,
        waterfall.member,
        waterfall.closing_customers,
        {{ exact_ratio('waterfall.closing_mrr', 'waterfall.closing_customers') }} as arpu,
        coalesce({{ exact_ratio('churn.lost_customers', 'churn.start_customers') }}, 0) as churn_rate
    from {{ ref('int_mrr_periods') }} as waterfall
    left join churn
        on
            waterfall.grain = churn.grain and waterfall.period_start = churn.period_start
            and waterfall.dimension = churn.dimension and waterfall.member = churn.member
    where
        waterfall.dimension in ('all', 'plan', 'segment', 'channel') and waterfall.grain in ('month', 'quarter')
        and waterfall.closing_customers > 0
),

rates as (
    {{ kpi_rate('valued', 'arpu', 'churn_rate', 'closing_customers') }}
)

select * from rates
