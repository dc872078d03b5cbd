with churned as (
    select movement_date, customer_id, 12 * amount as arr from {{ ref('mrr_movements') }} where movement = 'churn'
),

days as (
    select period_start from {{ ref('int_periods') }} where grain = 'day'
),

members as (
    select
        days.period_start,
        'day' as grain,
        'all' as dimension,
        'all' as member,
        coalesce(max(churned.arr), 0) as arr,
        count(churned.arr) as customers
    from days
    left join churned on days.period_start = churned.movement_date
    group by days.period_start
    union all
    select movement_date, 'day', 'customer', customer_id, arr, 1 from churned
)

{{ kpi_value('members', 'arr', 'customers') }}
