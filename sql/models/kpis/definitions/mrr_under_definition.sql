with ends as (
    select * from {{ ref('int_periods') }} where grain in ('month', 'quarter', 'year')
),

balances as (
    select
        ends.grain,
        ends.period_start,
        by_definition.definition,
        sum(by_definition.amount) as amount,
        sum(case when by_definition.amount > 0 then 1 else 0 end) as customers
    from {{ ref('mrr_by_definition') }} as by_definition
    inner join ends on by_definition.period_end = ends.last_day
    group by ends.grain, ends.period_start, by_definition.definition
),

members as (
    select 'all' as dimension, 'all' as member, balances.* from balances where definition = 'house'
    union all
    select 'definition', definition, balances.* from balances
)

{{ kpi_value('members', 'amount', 'customers') }}
