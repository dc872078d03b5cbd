-- the customer that a Salesforce lead belongs to: by the account it became, else by an address or domain that is one customer's alone
with marks as (
    select kind, value, customer_id from {{ ref('int_customer_marks') }}
),

leads as (
    select
        lead_id,
        converted_account_id,
        {{ plain_address('email') }} as address,
        {{ mail_domain('email') }} as domain
    from {{ ref('stg_salesforce__leads') }}
)

select
    leads.lead_id,
    coalesce(accounts.customer_id, addresses.customer_id, domains.customer_id) as customer_id
from leads
left join {{ ref('int_record_customers') }} as accounts
    on
        accounts.system = 'salesforce' and accounts.record_type = 'accounts'
        and leads.converted_account_id = accounts.record_id
left join marks as addresses on addresses.kind = 'email' and leads.address = addresses.value
left join marks as domains on domains.kind = 'domain' and leads.domain = domains.value
