-- days on which a customer starts or stops paying: as a whole, in a plan, in a currency
with changes as (
    select 'all' as dimension, 'all' as member, customer_id, day, mrr from {{ ref('int_mrr_changes') }}
    union all
    select 'plan', plan_id, customer_id, day, mrr from {{ ref('int_mrr_changes') }}
    union all
    select 'currency', currency, customer_id, day, mrr from {{ ref('int_mrr_changes') }}
),

-- currencies are added up only to see whether anything is left
totals as (
    select
        dimension,
        member,
        customer_id,
        day,
        sum(sum(mrr)) over (partition by dimension, member, customer_id order by day rows unbounded preceding) as total
    from changes
    where mrr <> 0
    group by dimension, member, customer_id, day
),

steps as (
    select
        dimension,
        member,
        customer_id,
        day,
        total > 0 as is_paying,
        coalesce(lag(total) over (partition by dimension, member, customer_id order by day) > 0, false) as was_paying,
        coalesce(
            max(total) over (
                partition by dimension, member, customer_id order by day rows between unbounded preceding and 1 preceding
            ) > 0, false
        ) as has_ever_paid
    from totals
)

select * from steps
