-- domains and addresses that are known to be one customer's alone: from Stripe, and from records that state their customer
with customers as (
    select * from {{ ref('int_counted_customers') }}
),

claims as (
    select
        'domain' as kind,
        domain as value,
        customer_id,
        {{ identity_record("'stripe'", "'customers'", 'stripe_customer_id') }} as witness
    from customers
    where not {{ is_free_mail('domain') }}
    union all
    select 'email', email, customer_id, {{ identity_record("'stripe'", "'customers'", 'stripe_customer_id') }}
    from customers
    where email is not null
    union all
    select traces.kind, traces.value, customers.customer_id, records.identity_record_id
    from {{ ref('int_customer_records') }} as records
    inner join customers on records.stated_id = lower(customers.stripe_customer_id)
    inner join {{ ref('int_customer_traces') }} as traces on records.identity_record_id = traces.identity_record_id
    where records.system <> 'stripe'
),

-- what Stripe says of an address is not called into question by a record elsewhere
weighed as (
    select
        *,
        witness like 'stripe/%' as is_from_stripe,
        max(case when witness like 'stripe/%' then 1 else 0 end) over (partition by kind, value) = 1 as is_in_stripe
    from claims
)

select
    kind,
    value,
    min(customer_id) as customer_id,
    is_from_stripe,
    case when count(distinct witness) = 1 then min(witness) end as only_witness
from weighed
where is_from_stripe = is_in_stripe
group by kind, value, is_from_stripe
having count(distinct customer_id) = 1
