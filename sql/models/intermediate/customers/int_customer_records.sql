-- the records in which systems keep a customer, and the Stripe customer that each states, in lower case
with records as (
    select 'stripe' as system, 'customers' as record_type, customer_id as record_id, name, customer_id as stated_id
    from {{ ref('int_stripe__customers') }}
    union all
    select 'hubspot', 'companies', company_id, name, stripe_customer_id from {{ ref('stg_hubspot__companies') }}
    union all
    select 'hubspot', 'contacts', contact_id, trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), null
    from {{ ref('stg_hubspot__contacts') }}
    union all
    select 'salesforce', 'accounts', account_id, name, stripe_customer_id from {{ ref('stg_salesforce__accounts') }}
    union all
    select 'zendesk', 'organizations', organization_id, name, external_id from {{ ref('stg_zendesk__organizations') }}
    union all
    select 'intercom', 'companies', company_id, name, external_id from {{ ref('stg_intercom__companies') }}
)

select
    {{ identity_record('system', 'record_type', 'record_id') }} as identity_record_id,
    system,
    record_type,
    record_id,
    name,
    lower(stated_id) as stated_id
from records
