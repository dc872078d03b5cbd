-- who pays, paid or could pay; deleted customers stay with what was last known of them
with customers as (
    select * from {{ ref('int_stripe__customers') }}
),

deleted as (
    select * from {{ ref('int_stripe__deleted_customers') }}
),

movements as (
    select
        customer_id,
        min(case when movement = 'new' then movement_date end) as first_paid_date,
        max(case when movement = 'churn' then movement_date end) as last_churned_date
    from {{ ref('mrr_movements') }}
    group by customer_id
),

current_mrr as (
    select customer_id, sum(mrr_amount) as mrr_amount
    from {{ ref('mrr_daily') }}
    where mrr_date = (select last_day from {{ ref('int_data_as_of') }})
    group by customer_id
)

select
    customers.*,
    groups.employee_count,
    groups.segment,
    groups.region,
    groups.channel,
    groups.owner_name,
    deleted.deleted_at,
    movements.first_paid_date,
    movements.last_churned_date,
    coalesce(current_mrr.mrr_amount, 0) as mrr_amount,
    coalesce(current_mrr.mrr_amount, 0) > 0 as is_paying
from customers
inner join {{ ref('int_customer_groups') }} as groups on customers.customer_id = groups.customer_id
left join deleted on customers.customer_id = deleted.customer_id
left join movements on customers.customer_id = movements.customer_id
left join current_mrr on customers.customer_id = current_mrr.customer_id
