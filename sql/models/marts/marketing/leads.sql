-- leads of both CRMs side by side; kpis count those of one of them
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

leads as (
    select
        'hubspot' as system,
        contacts.contact_id as lead_id,
        lower(contacts.original_source) as source,
        contacts.country,
        contacts.owner_id,
        contacts.lead_status as status,
        reached.lead_at,
        reached.marketing_qualified_at,
        reached.sales_qualified_at,
        reached.opportunity_at,
        reached.customer_at
    from {{ ref('stg_hubspot__contacts') }} as contacts
    inner join reached on contacts.contact_id = reached.lead_id
    where reached.lead_at is not null
    union all
    select
        'salesforce',
        lead_id,
        lower(lead_source),
        country,
        owner_id,
        status,
        created_at,
        null,
        null,
        case when converted_opportunity_id is not null then cast(converted_date as timestamp with time zone) end,
        null
    from {{ ref('stg_salesforce__leads') }}
)

select
    leads.system || '/' || leads.lead_id as lead_key,
    leads.*,
    customers.customer_id,
    {{ local_day('leads.lead_at') }} as lead_date
from leads
left join {{ ref('int_record_customers') }} as customers
    on leads.system = customers.system and customers.record_type = 'contacts' and leads.lead_id = customers.record_id
