-- Stripe customers and the one that each is counted as; the same unless config says so
with overrides as (
    {{ identity_overrides() }}
),

customers as (
    select * from {{ ref('int_stripe__customers') }}
)

select
    customers.customer_id as stripe_customer_id,
    coalesce(overrides.customer_id, customers.customer_id) as customer_id,
    {{ plain_address('customers.email') }} as email,
    {{ mail_domain('customers.email') }} as domain
from customers
left join overrides on overrides.identity_record_id = {{ identity_record("'stripe'", "'customers'", 'customers.customer_id') }}
