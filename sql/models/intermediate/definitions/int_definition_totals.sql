-- MRR and customers of a month after each step of each definition, and how many of the month before are lost
with balances as (
    select * from {{ ref('int_definition_balances') }}
),

months as (
    select period_start, last_day as period_end from {{ ref('int_periods') }} where grain = 'month'
),

members as (
    select customer_id, period_start from balances
    union
    select balances.customer_id, months.period_start
    from balances
    inner join months on cast(balances.period_start + interval '1 month' as date) = months.period_start
)

select
    months.period_start,
    months.period_end,
    {{ definition_totals() }}
from months
inner join members on months.period_start = members.period_start
left join balances as now on members.customer_id = now.customer_id and members.period_start = now.period_start
left join balances as before
    on members.customer_id = before.customer_id and cast(members.period_start - interval '1 month' as date) = before.period_start
group by months.period_start, months.period_end
