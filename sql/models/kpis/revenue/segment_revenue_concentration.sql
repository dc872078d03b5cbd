with parts as (
    select
        grain,
        period_start,
        dimension,
        member,
        closing_mrr,
        closing_customers,
        sum(closing_mrr) over (partition by grain, period_start, dimension) as whole_mrr,
        row_number() over (partition by grain, period_start, dimension order by closing_mrr desc, member) as place
    from {{ ref('int_mrr_periods') }}
    where dimension in ('segment', 'region') and grain in ('month', 'quarter', 'year')
),

largest as (
    select grain, period_start, dimension, member, closing_mrr, whole_mrr, closing_customers from parts where place = 1
    union all
    select grain, period_start, 'all', 'all', closing_mrr, whole_mrr, closing_customers
    from parts
    where place = 1 and dimension = 'segment'
),

rates as (
    {{ kpi_rate('largest', 'closing_mrr', 'whole_mrr', 'closing_customers') }}
)

select * from rates
