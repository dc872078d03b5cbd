with addons as (
    select grain, period_start, member, closing_mrr, closing_customers
    from {{ ref('int_mrr_periods') }}
    where dimension = 'plan' and {{ is_addon('member_id', 'member') }}
),

periods as (
    select grain, period_start from {{ ref('int_periods') }} where grain in ('month', 'quarter', 'year')
),

members as (
    select
        periods.period_start,
        periods.grain,
        'all' as dimension,
        'all' as member,
        coalesce(sum(addons.closing_mrr), 0) as amount,
        coalesce(sum(addons.closing_customers), 0) as sample_size
    from periods
    left join addons on periods.grain = addons.grain and periods.period_start = addons.period_start
    group by periods.period_start, periods.grain
    union all
    select addons.period_start, addons.grain, 'addon', addons.member, addons.closing_mrr, addons.closing_customers
    from addons
    inner join periods on addons.grain = periods.grain and addons.period_start = periods.period_start
)

{{ kpi_value('members', 'amount', 'sample_size') }}
