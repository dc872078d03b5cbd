-- what is known to have brought somebody: the source that HubSpot noted first, forms filled in, responses to Salesforce campaigns
with contacts as (
    select * from {{ ref('int_prospects') }} where system = 'hubspot'
),

-- what one address filled in belongs to one contact
addresses as (
    select email, min(contact_id) as contact_id
    from {{ ref('stg_hubspot__contacts') }}
    where email is not null
    group by email
),

responses as (
    select
        campaign_member_id,
        campaign_id,
        coalesce(lead_id, contact_id) as record_id,
        case when lead_id is not null then 'leads' else 'contacts' end as record_type,
        coalesce(first_responded_date, {{ local_day('created_at') }}) as touch_date,
        created_at
    from {{ ref('stg_salesforce__campaign_members') }}
    where has_responded
),

people as (
    select 'leads' as record_type, lead_id as record_id, customer_id
    from {{ ref('int_prospects') }}
    where system = 'salesforce'
    union all
    select 'contacts', contacts.contact_id, customers.customer_id
    from {{ ref('stg_salesforce__contacts') }} as contacts
    inner join {{ ref('int_record_customers') }} as customers
        on customers.system = 'salesforce' and customers.record_type = 'accounts' and contacts.account_id = customers.record_id
)

select
    'hubspot/source/' || contacts.lead_id as touch_id,
    'hubspot' as system,
    'source' as kind,
    contacts.customer_id,
    contacts.campaign_name,
    coalesce(contacts.campaign_channel, contacts.channel) as channel,
    contacts.created_at as touched_at,
    {{ local_day('contacts.created_at') }} as touch_date
from contacts
where contacts.source is not null
union all
select
    'hubspot/form/' || forms.form_submission_id,
    'hubspot',
    'form',
    contacts.customer_id,
    null,
    contacts.channel,
    forms.submitted_at,
    {{ local_day('forms.submitted_at') }}
from {{ ref('stg_hubspot__form_submissions') }} as forms
inner join addresses on forms.email = addresses.email
inner join contacts on addresses.contact_id = contacts.lead_id
union all
select
    'salesforce/response/' || responses.campaign_member_id,
    'salesforce',
    'response',
    people.customer_id,
    campaigns.campaign_name,
    campaigns.channel,
    responses.created_at,
    responses.touch_date
from responses
inner join {{ ref('campaigns') }} as campaigns
    on campaigns.system = 'salesforce' and responses.campaign_id = campaigns.campaign_id
left join people on responses.record_type = people.record_type and responses.record_id = people.record_id
