with firsts as (
    select
        first_date,
        segment,
        case when {{ is_referral('channel') }} then 1 else 0 end as is_referred
    from {{ ref('int_mrr_customers') }}
),

members as (
    select first_date, is_referred, 1 as customers, 'all' as dimension, 'all' as member from firsts
    union all
    select first_date, is_referred, 1, 'segment', segment from firsts
),

counts as (
    select
        periods.grain,
        periods.period_start,
        coalesce(members.dimension, 'all') as dimension,
        coalesce(members.member, 'all') as member,
        coalesce(sum(members.is_referred), 0) as referred,
        coalesce(sum(members.customers), 0) as customers
    from {{ ref('int_periods') }} as periods
    left join members on periods.period_start <= members.first_date and members.first_date <= periods.last_day
    where periods.grain in ('month', 'quarter', 'year')
    group by periods.grain, periods.period_start, coalesce(members.dimension, 'all'), coalesce(members.member, 'all')
),

rates as (
    {{ kpi_rate('counts', 'referred', 'customers', 'customers') }}
)

select * from rates
