-- people of both CRMs who may become customers: what brought them, how far they came, and whose they are
with reached as (
    select
        lead_id,
        min(case when stage = 'lead' then entered_at end) as lead_at,
        min(case when stage = 'marketingqualifiedlead' then entered_at end) as marketing_qualified_at,
        min(case when stage = 'salesqualifiedlead' then entered_at end) as sales_qualified_at,
        min(case when stage = 'opportunity' then entered_at end) as opportunity_at,
        min(case when stage = 'customer' then entered_at end) as customer_at
    from {{ ref('lead_stage_history') }}
    group by lead_id
),

employers as (
    select people.from_id as contact_id, max(companies.employee_count) as employee_count
    from {{ ref('stg_hubspot__associations') }} as people
    inner join {{ ref('stg_hubspot__companies') }} as companies on people.to_id = companies.company_id
    where people.from_type = 'contacts' and people.to_type = 'companies' and people.position = 1
    group by people.from_id
),

-- HubSpot notes the campaign's name, or the one that its links carry, beside the source
campaign_words as (
    select lower(utm_name) as word, campaign_name, channel from {{ ref('campaigns') }} where system = 'hubspot'
    union
    select lower(campaign_name), campaign_name, channel from {{ ref('campaigns') }} where system = 'hubspot'
),

campaigns_by_word as (
    select word, min(campaign_name) as campaign_name, min(channel) as channel
    from campaign_words
    where word is not null
    group by word
),

first_responses as (
    select
        members.lead_id,
        campaigns.campaign_name,
        campaigns.channel,
        row_number() over (partition by members.lead_id order by members.created_at, members.campaign_member_id) as place
    from {{ ref('stg_salesforce__campaign_members') }} as members
    inner join {{ ref('campaigns') }} as campaigns on campaigns.system = 'salesforce' and members.campaign_id = campaigns.campaign_id
    where members.lead_id is not null and members.has_responded
),

prospects as (
    select
        'hubspot' as system,
        contacts.contact_id as lead_id,
        lower(contacts.original_source) as source,
        campaigns_by_word.campaign_name,
        campaigns_by_word.channel as campaign_channel,
        contacts.country,
        employers.employee_count,
        contacts.owner_id,
        contacts.lead_status as status,
        contacts.lead_score as score,
        contacts.created_at,
        reached.lead_at,
        reached.marketing_qualified_at,
        reached.sales_qualified_at,
        reached.opportunity_at,
        reached.customer_at,
        customers.customer_id
    from {{ ref('stg_hubspot__contacts') }} as contacts
    left join reached on contacts.contact_id = reached.lead_id
    left join employers on contacts.contact_id = employers.contact_id
    left join campaigns_by_word on lower(contacts.original_source_detail) = campaigns_by_word.word
    left join {{ ref('int_record_customers') }} as customers
        on customers.system = 'hubspot' and customers.record_type = 'contacts' and contacts.contact_id = customers.record_id
    union all
    select
        'salesforce',
        leads.lead_id,
        lower(leads.lead_source),
        first_responses.campaign_name,
        first_responses.channel,
        leads.country,
        leads.employee_count,
        leads.owner_id,
        leads.status,
        null,
        leads.created_at,
        leads.created_at as lead_at,
        null,
        null,
        case when leads.converted_opportunity_id is not null then cast(leads.converted_date as timestamp with time zone) end,
        null,
        customers.customer_id
    from {{ ref('stg_salesforce__leads') }} as leads
    left join first_responses on leads.lead_id = first_responses.lead_id and first_responses.place = 1
    left join {{ ref('int_lead_customers') }} as customers on leads.lead_id = customers.lead_id
)

select
    prospects.*,
    {{ channel_of('source') }} as channel,
    {{ region_of('country') }} as region,
    {{ segment_of('employee_count') }} as segment,
    {{ local_day('marketing_qualified_at') }} as marketing_qualified_date
from prospects
