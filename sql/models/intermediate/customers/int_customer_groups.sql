-- the groups that a customer belongs to, by what is known of it now
with customers as (
    select
        counted.stripe_customer_id,
        counted.customer_id,
        stripe.country
    from {{ ref('int_counted_customers') }} as counted
    inner join {{ ref('int_stripe__customers') }} as stripe on counted.stripe_customer_id = stripe.customer_id
),

-- what the first record does not say, the next one may
accounts as (
    select distinct
        customer_id,
        first_value(employee_count) over (
            partition by customer_id order by case when employee_count is null then 1 else 0 end, place
        ) as employee_count,
        first_value(country) over (partition by customer_id order by case when country is null then 1 else 0 end, place) as country,
        first_value(owner_name) over (
            partition by customer_id order by case when owner_name is null then 1 else 0 end, place
        ) as owner_name
    from {{ ref('int_customer_accounts') }}
),

sources as (
    select * from {{ ref('int_customer_sources') }} where place = 1
),

-- the days are added up only if a rule asks for it
peaks as (
    select customer_id, max(mrr_amount) as peak_mrr_amount
    from (
        select customer_id, mrr_date, sum(mrr_amount) as mrr_amount
        from {{ ref('mrr_daily') }}
        where {{ segments_look_at_mrr() }}
        group by customer_id, mrr_date
    ) as days
    group by customer_id
)

select
    customers.stripe_customer_id as customer_id,
    accounts.employee_count,
    {{ segment_of('accounts.employee_count', 'peaks.peak_mrr_amount') }} as segment,
    {{ region_of('coalesce(customers.country, accounts.country)') }} as region,
    coalesce(sources.channel, 'unknown') as channel,
    coalesce(accounts.owner_name, 'unknown') as owner_name
from customers
left join accounts on customers.customer_id = accounts.customer_id
left join sources on customers.customer_id = sources.customer_id
left join peaks on customers.stripe_customer_id = peaks.customer_id
