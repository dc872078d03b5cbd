-- domains that a record states, and the addresses of the people who belong to it
with zendesk_domains as (
    select organization_id, {{ json_scalar('domain.value') }} as domain
    from {{ ref('stg_zendesk__organizations') }}
    {{ json_elements('domain_names', '', 'domain') }}
),

traces as (
    select 'hubspot' as system, 'companies' as record_type, company_id as record_id, 'domain' as kind, domain as value
    from {{ ref('stg_hubspot__companies') }}
    union all
    select 'hubspot', 'companies', people.to_id, 'email', contacts.email
    from {{ ref('stg_hubspot__associations') }} as people
    inner join {{ ref('stg_hubspot__contacts') }} as contacts on people.from_id = contacts.contact_id
    where people.from_type = 'contacts' and people.to_type = 'companies'
    union all
    select 'hubspot', 'contacts', contact_id, 'email', email from {{ ref('stg_hubspot__contacts') }}
    union all
    select 'hubspot', 'contacts', contact_id, 'domain', {{ mail_domain('email') }} from {{ ref('stg_hubspot__contacts') }}
    union all
    select 'salesforce', 'accounts', account_id, 'domain', website from {{ ref('stg_salesforce__accounts') }}
    union all
    select 'salesforce', 'accounts', account_id, 'email', email from {{ ref('stg_salesforce__contacts') }}
    union all
    select 'zendesk', 'organizations', organization_id, 'domain', domain from zendesk_domains
    union all
    select 'zendesk', 'organizations', organization_id, 'email', email from {{ ref('stg_zendesk__users') }}
    union all
    select 'intercom', 'companies', company_id, 'domain', website from {{ ref('stg_intercom__companies') }}
    union all
    select 'intercom', 'companies', people.company_id, 'email', contacts.email
    from {{ ref('stg_intercom__contact_companies') }} as people
    inner join {{ ref('stg_intercom__contacts') }} as contacts on people.contact_id = contacts.contact_id
),

normalized as (
    select distinct
        {{ identity_record('system', 'record_type', 'record_id') }} as identity_record_id,
        system,
        kind,
        case kind when 'domain' then {{ web_domain('value') }} else {{ plain_address('value') }} end as value
    from traces
    where value is not null and record_id is not null
)

select *, case when kind = 'email' then {{ mail_domain('value') }} end as mail_domain
from normalized
where value <> '' and not (kind = 'domain' and {{ is_free_mail('value') }})
