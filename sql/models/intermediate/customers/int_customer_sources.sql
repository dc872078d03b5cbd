-- where the people of a customer came from, as the CRMs say; the first of them acquired the customer
with records as (
    select customer_id, system, record_type, record_id
    from {{ ref('customer_identities') }}
    where customer_id is not null
),

people as (
    select
        'hubspot' as system,
        'contacts' as record_type,
        contact_id as record_id,
        contact_id as person_id,
        original_source as source,
        created_at
    from {{ ref('stg_hubspot__contacts') }}
    union all
    select 'salesforce', 'accounts', converted_account_id, lead_id, lead_source, created_at
    from {{ ref('stg_salesforce__leads') }}
    union all
    select 'salesforce', 'accounts', account_id, contact_id, lead_source, created_at
    from {{ ref('stg_salesforce__contacts') }}
)

select
    records.customer_id,
    people.system,
    people.person_id,
    {{ channel_of('people.source') }} as channel,
    row_number() over (
        partition by records.customer_id
        order by {{ place_of('people.system', var('lead_systems')) }}, people.created_at, people.person_id
    ) as place
from people
inner join records
    on people.system = records.system and people.record_type = records.record_type and people.record_id = records.record_id
where people.source is not null
